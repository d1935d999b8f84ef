#include "tests/support/tls_files.h"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace peyk::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using File = std::unique_ptr<FILE, decltype(&fclose)>;

Key make_key() {
  return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

void add_extension(X509* certificate, int id, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()), &X509_EXTENSION_free);
  if (!extension) throw std::runtime_error("cannot make the extension " + value);
  X509_add_ext(certificate, extension.get(), -1);
}

Certificate make_certificate(EVP_PKEY* key, const char* name, long serial) {
  Certificate made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  return made;
}

void write_certificate(const std::filesystem::path& path, X509* certificate) {
  const File file(fopen(path.c_str(), "w"), &fclose);
  if (!file || PEM_write_X509(file.get(), certificate) != 1) throw std::runtime_error("cannot write " + path.string());
}

void write_key(const std::filesystem::path& path, EVP_PKEY* key) {
  const File file(fopen(path.c_str(), "w"), &fclose);
  if (!file || PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("cannot write " + path.string());
  }
}

}  // namespace

TlsFiles::TlsFiles(const std::string& names) {
  auto pattern = (std::filesystem::temp_directory_path() / "peyk-tls-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a folder for certificates");
  folder_ = pattern;
  const auto ca_key = make_key();
  const auto ca = make_certificate(ca_key.get(), "Peyk test authority", 1);
  X509_set_issuer_name(ca.get(), X509_get_subject_name(ca.get()));
  add_extension(ca.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(ca.get(), ca_key.get(), EVP_sha256());
  const auto key = make_key();
  const auto server = make_certificate(key.get(), "server", 2);
  X509_set_issuer_name(server.get(), X509_get_subject_name(ca.get()));
  add_extension(server.get(), NID_subject_alt_name, names);
  X509_sign(server.get(), ca_key.get(), EVP_sha256());
  write_certificate(ca_file(), ca.get());
  write_certificate(certificate_file(), server.get());
  write_key(key_file(), key.get());
}

TlsFiles::~TlsFiles() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

boost::asio::ssl::context TlsFiles::server_context() const {
  boost::asio::ssl::context context(boost::asio::ssl::context::tls_server);
  context.use_certificate_chain_file(certificate_file());
  context.use_private_key_file(key_file(), boost::asio::ssl::context::pem);
  return context;
}

}  // namespace peyk::test
