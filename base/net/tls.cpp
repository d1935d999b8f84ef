#include "base/net/tls.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace peyk::net {

Result<std::shared_ptr<asio::ssl::context>> create_client_context(const TlsOptions& options) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  boost::system::error_code error;
  if (options.ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(options.ca_file, error);
  }
  if (error) {
    return fail(ErrorCode::invalid,
                fmt::format("cannot read the certificates of {}: {}",
                            options.ca_file.empty() ? "the system" : options.ca_file, error.message()));
  }
  context->set_verify_mode(options.verify_peer ? asio::ssl::verify_peer : asio::ssl::verify_none, error);
  return context;
}

Result<> expect_host(SSL* connection, const TlsOptions& options) {
  if (options.host.empty()) {
    if (!options.verify_peer) return {};
    return fail(ErrorCode::invalid, "TLS needs the name of the host, to check its certificate");
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.host, error);
  const bool named = static_cast<bool>(error);
  // SNI takes names alone (RFC 6066, 3).
  if (named) SSL_set_tlsext_host_name(connection, options.host.c_str());
  if (!options.verify_peer) return {};
  auto* const expected = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int set = named ? X509_VERIFY_PARAM_set1_host(expected, options.host.c_str(), 0)
                        : X509_VERIFY_PARAM_set1_ip_asc(expected, address.to_string().c_str());
  if (set != 1) return fail(ErrorCode::internal, fmt::format("cannot ask for the certificate of {}", options.host));
  return {};
}

std::string tls_failure(SSL* connection, const boost::system::error_code& error) {
  const auto verified = SSL_get_verify_result(connection);
  if (verified != X509_V_OK) return fmt::format("its certificate: {}", X509_verify_cert_error_string(verified));
  return error.message();
}

}  // namespace peyk::net
