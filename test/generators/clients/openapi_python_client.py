"""Five calls by the package of openapi-python-client."""
import os

from generated import AuthenticatedClient
from generated.api.asynchronous_commands import create_remote_start_attempt
from generated.api.stations import get_station, register_station
from generated.api.synchronous_commands import get_configuration, reset
from generated.models import (
    CreateRemoteStartAttemptRequest,
    GetConfigurationRequest,
    GetConfigurationResult,
    RegisteredStation,
    RegisterStationRequest,
    RemoteStartAttempt,
    ResetRequest,
    ResetRequestType,
    Station,
    StationNotConnectedProblem,
)

identity, connected = os.environ["IDENTITY"], os.environ["STATION"]
client = AuthenticatedClient(base_url=os.environ["API_URL"], token=os.environ["TOKEN"], timeout=60)

registered = register_station.sync(client=client, body=RegisterStationRequest(identity=identity))
assert isinstance(registered, RegisteredStation) and registered.password, registered

station = get_station.sync(identity, client=client)
assert isinstance(station, Station) and station.connection.connected is False, station

keys = GetConfigurationRequest(keys=["HeartbeatInterval"])
configuration = get_configuration.sync(connected, client=client, body=keys)
assert isinstance(configuration, GetConfigurationResult), configuration

start = CreateRemoteStartAttemptRequest(cp_id=registered.cp_id, id_tag="0A1B2C3D")
attempt = create_remote_start_attempt.sync(client=client, body=start)
assert isinstance(attempt, RemoteStartAttempt) and attempt.state == "pending", attempt

refused = reset.sync(identity, client=client, body=ResetRequest(type_=ResetRequestType.SOFT))
assert isinstance(refused, StationNotConnectedProblem), refused
