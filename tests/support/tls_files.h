// Certificates made for one test: an authority of our own, and what it signs.
#pragma once

#include <filesystem>
#include <string>

#include <boost/asio/ssl/context.hpp>

namespace peyk::test {

/// An authority's certificate and a server's, signed by it, as PEM files in a folder that is removed at the end.
class TlsFiles {
 public:
  /// `names`: what the certificate is for, as OpenSSL's subjectAltName has it ("DNS:localhost,IP:127.0.0.1").
  explicit TlsFiles(const std::string& names);
  ~TlsFiles();
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  std::string ca_file() const { return (folder_ / "ca.pem").string(); }
  std::string certificate_file() const { return (folder_ / "server.pem").string(); }
  std::string key_file() const { return (folder_ / "server.key").string(); }

  /// A server's context with that certificate.
  boost::asio::ssl::context server_context() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace peyk::test
