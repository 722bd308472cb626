import FaultServer

await FaultServerProgram.run(Array(CommandLine.arguments.dropFirst()))
