import sys

from anymask.cli.main import main

sys.exit(main())
