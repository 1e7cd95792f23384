"""Five calls by the package of openapi-generator (python)."""
import json
import os

import openapi_client as generated

identity, connected = os.environ["IDENTITY"], os.environ["STATION"]
settings = generated.Configuration(host=os.environ["API_URL"], access_token=os.environ["TOKEN"])
client = generated.ApiClient(settings)
stations = generated.StationsApi(client)
synchronous = generated.SynchronousCommandsApi(client)
asynchronous = generated.AsynchronousCommandsApi(client)

registered = stations.register_station(generated.RegisterStationRequest(identity=identity))
assert registered.password, registered

station = stations.get_station(identity)
assert station.connection.connected is False, station

keys = generated.GetConfigurationRequest(keys=["HeartbeatInterval"])
configuration = synchronous.get_configuration(connected, get_configuration_request=keys)
assert len(configuration.configuration_keys) == 1, configuration

start = generated.CreateRemoteStartAttemptRequest(cpId=registered.cp_id, idTag="0A1B2C3D")
attempt = asynchronous.create_remote_start_attempt(start)
assert attempt.state == "pending", attempt

try:
    synchronous.reset(identity, generated.ResetRequest(type="Soft"))
    raise AssertionError("the reset of a station that is not connected succeeded")
except generated.ApiException as error:
    assert error.status == 409, error
    assert json.loads(error.body)["type"].endswith("/station-not-connected"), error
