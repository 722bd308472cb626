import Glibc

exit(await BenchmarkProgram(arguments: CommandLine.arguments).run())
