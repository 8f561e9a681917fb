// Shows the OpenAPI document by the Swagger UI that is served from here. Calls are sent with the session's CSRF token.
const place = document.getElementById("reference");
const csrf = document.querySelector("[name=csrfmiddlewaretoken]").value;

window.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  validatorUrl: null,
  requestInterceptor(request) {
    if (new URL(request.url, location.href).origin === location.origin) {
      request.headers["X-CSRFToken"] = csrf;
    }
    return request;
  },
});
