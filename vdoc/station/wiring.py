"""What one boot of the station is made of. Add a module here and it is part of the station.

A module takes the station, registers its handlers and callbacks in its constructor, and may have
background work started by `start`. Order counts: what is above exists when what is below is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vdoc.station.authorization import Authorizer
from vdoc.station.availability import Availability
from vdoc.station.boot import Boot
from vdoc.station.cache import Cache
from vdoc.station.certificates import Certificates
from vdoc.station.customer import CustomerInformation
from vdoc.station.data_transfer import DataTransfer
from vdoc.station.evse import Evse
from vdoc.station.firmware import Firmware
from vdoc.station.link import WebSocketLink
from vdoc.station.local_list import LocalList
from vdoc.station.logs import Logs
from vdoc.station.master_pass import MasterPass
from vdoc.station.metering import Metering
from vdoc.station.model import DeviceModel
from vdoc.station.outbox import Outbox
from vdoc.station.provisioning import Provisioning
from vdoc.station.remote import Remote
from vdoc.station.reports import Reports
from vdoc.station.reset import Reset
from vdoc.station.security_events import SecurityEvents
from vdoc.station.signing import Signing
from vdoc.station.storage import FileStorage
from vdoc.station.transactions import Transactions
from vdoc.station.trigger import Trigger

if TYPE_CHECKING:
    from vdoc.station.config import StationConfig
    from vdoc.station.seams import Link, Storage
    from vdoc.station.station import Station


class Software:
    """The modules of one boot.

    Args:
        station: whose boot it is; `station.software` must be this object before `assemble`.
    """

    def __init__(self, station: Station) -> None:
        self.model = DeviceModel(station.pics, station.storage, station.has, station.config.factory)
        self._station = station

    def assemble(self) -> None:
        """Make the modules; they may use each other from `start` on."""
        station = self._station
        self.outbox = Outbox(station)
        self.security_events = SecurityEvents(station)
        self.boot = Boot(station)
        self.availability = Availability(station)
        self.transactions = Transactions(station)
        self.metering = Metering(station)
        self.customer = CustomerInformation(station)
        self.cache = Cache(station)
        self.local_list = LocalList(station)
        self.master_pass = MasterPass(station)
        self.authorizer = Authorizer(station)
        self.evses = tuple(Evse(station, spot) for spot in station.site.spots)
        self.reset = Reset(station)
        self.remote = Remote(station)
        self.trigger = Trigger(station)
        self.provisioning = Provisioning(station)
        self.reports = Reports(station)
        self.certificates = Certificates(station)
        self.signing = Signing(station)
        self.firmware = Firmware(station)
        self.logs = Logs(station)
        self.data_transfer = DataTransfer(station)

    def start(self) -> None:
        """Begin the background work."""
        self.outbox.start()
        self.metering.start()


def default_storage(config: StationConfig) -> Storage:
    """The durable storage in `config.state_dir`."""
    return FileStorage(config.state_dir)


def default_link(station: Station) -> Link:
    """The WebSocket client."""
    return WebSocketLink(station)
