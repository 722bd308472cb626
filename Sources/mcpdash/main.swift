import CLI
import Glibc

exit(await Program.main())
