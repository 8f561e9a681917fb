// Client.java <address> <token> <text>: java.net.http, which comes with Java.
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

public class Client {
  static final String TITLE = "text_1691116775689_fb4558";
  static final String ONE = "{\"name\":\"id\",\"op\":\"in\",\"value\":[11,30]}";
  static final HttpClient HTTP = HttpClient.newHttpClient();
  static String api;
  static String token;

  static HttpResponse<String> ask(String method, String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api + path)).header("Content-Type", "application/json");
    request.headers(headers.length > 0 ? headers : new String[] {"ACCESS-TOKEN", token});
    HttpRequest.BodyPublisher sent =
        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8);
    return HTTP.send(request.method(method, sent).build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  static String escaped(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  public static void main(String[] arguments) throws Exception {
    api = arguments[0] + "/apaas/api/v2/form_entities";
    token = arguments[1];
    String query = "?custom_form_id=2&filters=" + escaped("[" + ONE + "]") + "&" + escaped("sort[][id]") + "=desc"
        + "&only_field_names=id&only_field_names=" + TITLE;
    String listed = ask("GET", query, null).body();
    String wanted = "{\"custom_form_id\":2,\"search_column_name\":\"" + TITLE + "\",\"query\":\"" + arguments[2] + "\",\"filters\":" + ONE + "}";
    String found = ask("PUT", "", wanted).body();
    String made = ask("POST", "", "{\"custom_form_id\":2,\"form_entity\":{\"" + TITLE + "\":\"泵 &=+%\"},\"only_field_names\":[\"id\"]}").body();
    String id = made.replaceAll(".*\"id\":([0-9]+).*", "$1");
    ask("PUT", "/" + id, "{\"custom_form_id\":2,\"form_entity\":{\"float_1692266369741_23c9a8\":0.1}}");
    ask("POST", "/transfer", "{\"custom_form_id\":2,\"ids\":[" + id + "],\"to_user_uid\":2}");
    String names = escaped("only_field_names[]");
    String path = "/" + id + "?custom_form_id=2&" + names + "=" + TITLE + "&" + names + "=user";
    String read = ask("GET", path, null, "Authorization", "Bearer " + token).body();
    ask("DELETE", "/mass_destroy", "{\"custom_form_id\":2,\"ids\":[" + id + "]}");
    int gone = ask("GET", "/" + id + "?custom_form_id=2", null).statusCode();
    int refused = ask("GET", "?custom_form_id=2", null, "Accept", "*/*").statusCode();
    byte[] told = ("{\"listed\":" + listed + ",\"found\":" + found + ",\"read\":" + read + ",\"gone\":" + gone + ",\"refused\":" + refused + "}")
        .getBytes(StandardCharsets.UTF_8);
    System.out.write(told, 0, told.length);
    System.out.flush();
  }
}
