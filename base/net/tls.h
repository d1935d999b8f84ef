// TLS as a client, by OpenSSL: verified unless told otherwise.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/net/line_stream.h"

namespace peyk::net {

/// TLS 1.2 and newer, with the roots that `options` name. `invalid` when its file cannot be read.
Result<std::shared_ptr<asio::ssl::context>> create_client_context(const TlsOptions& options);

/// SNI and the check of the peer's name, before the handshake on `connection` (an SSL*).
Result<> expect_host(SSL* connection, const TlsOptions& options);

/// Why a handshake failed, in words: a refused certificate says what is wrong with it.
std::string tls_failure(SSL* connection, const boost::system::error_code& error);

}  // namespace peyk::net
