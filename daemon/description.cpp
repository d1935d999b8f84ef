#include "daemon/description.h"

namespace peyk::daemon {
namespace {

namespace asio = boost::asio;

asio::awaitable<net::Response> answer(net::Request) {
  co_return net::Response::text(200, std::string(openapi_yaml()), "application/yaml; charset=utf-8");
}

}  // namespace

void attach_description(net::Routes& routes) {
  routes.add(net::Method::get, "/openapi.yaml", answer);
}

}  // namespace peyk::daemon
