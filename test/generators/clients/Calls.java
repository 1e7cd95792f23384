import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.AsynchronousCommandsApi;
import org.openapitools.client.api.StationsApi;
import org.openapitools.client.api.SynchronousCommandsApi;
import org.openapitools.client.model.CreateRemoteStartAttemptRequest;
import org.openapitools.client.model.GetConfigurationRequest;
import org.openapitools.client.model.RegisterStationRequest;
import org.openapitools.client.model.RemoteStartAttempt;
import org.openapitools.client.model.ResetRequest;

/** Five calls by the package of openapi-generator (java, native). */
class Calls {
  public static void main(String[] arguments) throws ApiException {
    String identity = System.getenv("IDENTITY");
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("API_URL"));
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + System.getenv("TOKEN")));
    StationsApi stations = new StationsApi(client);
    SynchronousCommandsApi synchronous = new SynchronousCommandsApi(client);
    AsynchronousCommandsApi asynchronous = new AsynchronousCommandsApi(client);

    var registered = stations.registerStation(new RegisterStationRequest().identity(identity), null);
    check(registered.getPassword() != null, registered);

    var station = stations.getStation(identity, null);
    check(!station.getConnection().getConnected(), station);

    var keys = new GetConfigurationRequest().addKeysItem("HeartbeatInterval");
    var configuration = synchronous.getConfiguration(System.getenv("STATION"), null, null, null, keys);
    check(configuration.getConfigurationKeys().size() == 1, configuration);

    var start = new CreateRemoteStartAttemptRequest().cpId(registered.getCpId()).idTag("0A1B2C3D");
    var attempt = asynchronous.createRemoteStartAttempt(start, null, null);
    check(attempt.getState() == RemoteStartAttempt.StateEnum.PENDING, attempt);

    try {
      synchronous.reset(identity, new ResetRequest().type(ResetRequest.TypeEnum.SOFT), null, null, null);
      check(false, "the reset of a station that is not connected succeeded");
    } catch (ApiException error) {
      check(error.getCode() == 409, error);
      check(error.getResponseBody().contains("/problems/station-not-connected"), error);
    }
  }

  private static void check(boolean holds, Object found) {
    if (!holds) throw new AssertionError(found);
  }
}
