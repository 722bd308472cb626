import Conformance

await ConformanceProgram.run(Array(CommandLine.arguments.dropFirst()))
