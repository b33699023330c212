"""The file servers of the bench: firmware out, logs in, by every protocol that OCPP names.

`shelf` owns what may be fetched and sent, and what is told of it; `http`, `ftp` and `sftp` speak
the protocols; `servers` starts them on demand.
"""

from vdoc.run.file_server.address import Address, Credentials, FileServer
from vdoc.run.file_server.servers import SERVED_PROTOCOLS, FileServers
from vdoc.run.file_server.shelf import Shelf

__all__ = ["SERVED_PROTOCOLS", "Address", "Credentials", "FileServer", "FileServers", "Shelf"]
