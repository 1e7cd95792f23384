import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.lang.reflect.Field;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * DynamoDB Local, in memory, on a free port of the loopback interface: its own command line knows ports only and
 * listens on all interfaces. Prints the port, and ends when its standard input does: whoever started it need not
 * live to end it.
 */
class Loopback {
  public static void main(String[] args) throws Exception {
    DynamoDBProxyServer engine =
        ServerRunner.createServerFromCommandLineArgs(
            new String[] {"-inMemory", "-disableTelemetry"});
    Field field = DynamoDBProxyServer.class.getDeclaredField("server");
    field.setAccessible(true);
    ServerConnector connector = (ServerConnector) ((Server) field.get(engine)).getConnectors()[0];
    connector.setHost("127.0.0.1");
    connector.setPort(0);
    engine.start();
    System.out.println("listening on " + connector.getLocalPort());
    while (System.in.read() >= 0) {}
    System.exit(0);
  }
}
