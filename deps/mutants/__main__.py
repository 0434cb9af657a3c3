"""What runs when the folder, packed by zipapp, is given to Python."""

from mutantfs.main import main

main()
