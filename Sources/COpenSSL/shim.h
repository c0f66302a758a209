// OpenSSL's libssl and libcrypto (3.0 or later). What its headers offer as macros only, which Swift does not see, has a
// function here; nothing here decides anything.
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

// Contexts.

enum : uint64_t {
  ssmp_SSL_OP_NO_RENEGOTIATION = SSL_OP_NO_RENEGOTIATION,
  ssmp_SSL_OP_NO_COMPRESSION = SSL_OP_NO_COMPRESSION,
  ssmp_SSL_OP_CIPHER_SERVER_PREFERENCE = SSL_OP_CIPHER_SERVER_PREFERENCE,
  ssmp_SSL_OP_PRIORITIZE_CHACHA = SSL_OP_PRIORITIZE_CHACHA,
  ssmp_SSL_OP_IGNORE_UNEXPECTED_EOF = SSL_OP_IGNORE_UNEXPECTED_EOF,
};

enum : int { ssmp_EVP_PKEY_KEYPAIR = EVP_PKEY_KEYPAIR };

enum : uint64_t { ssmp_OPENSSL_INIT_NO_ATEXIT = OPENSSL_INIT_NO_ATEXIT };

static inline long ssmp_SSL_CTX_set_mode(SSL_CTX *context, long mode) { return SSL_CTX_set_mode(context, mode); }

static inline void ssmp_SSL_CTX_clear_mode(SSL_CTX *context, long mode) { SSL_CTX_clear_mode(context, mode); }

static inline int ssmp_SSL_CTX_set_versions(SSL_CTX *context, int least, int most) {
  return SSL_CTX_set_min_proto_version(context, least) == 1 && SSL_CTX_set_max_proto_version(context, most) == 1;
}

static inline void ssmp_SSL_CTX_set_session_cache_off(SSL_CTX *context) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void ssmp_SSL_CTX_set_read_ahead(SSL_CTX *context) { SSL_CTX_set_read_ahead(context, 1); }

static inline int ssmp_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *list) {
  return (int)SSL_CTX_set1_groups_list(context, list);
}

static inline int ssmp_SSL_CTX_set1_sigalgs_list(SSL_CTX *context, const char *list) {
  return (int)SSL_CTX_set1_sigalgs_list(context, list);
}

static inline int ssmp_SSL_CTX_set1_client_sigalgs_list(SSL_CTX *context, const char *list) {
  return (int)SSL_CTX_set1_client_sigalgs_list(context, list);
}

static inline int ssmp_SSL_CTX_add1_chain_cert(SSL_CTX *context, X509 *certificate) {
  return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline void ssmp_SSL_CTX_set_max_cert_list(SSL_CTX *context, long bytes) {
  SSL_CTX_set_max_cert_list(context, bytes);
}

typedef int (*ssmp_ticket_key_callback)(SSL *, unsigned char *, unsigned char *, EVP_CIPHER_CTX *, EVP_MAC_CTX *, int);

static inline void ssmp_SSL_CTX_set_ticket_key_callback(SSL_CTX *context, ssmp_ticket_key_callback callback) {
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, callback);
}

// Parameters refer to their names by address, so they are put together here, where the names are constants.
static inline int ssmp_EVP_MAC_CTX_set_hmac_sha256(EVP_MAC_CTX *context, const unsigned char *key, size_t count) {
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, count),
    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
    OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_CTX_set_params(context, parameters);
}

static inline int ssmp_SSL_set_host_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}

// Input and output.

static inline void ssmp_BIO_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline void ssmp_BIO_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void ssmp_BIO_retry_write(BIO *bio) { BIO_set_retry_write(bio); }

// True when `code` says that a text has no (further) PEM object.
static inline int ssmp_ERR_is_no_start_line(unsigned long code) {
  return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

static inline long ssmp_BIO_content(BIO *bio, const char **bytes) { return BIO_get_mem_data(bio, (char **)bytes); }

// Certificates and revocation lists.

// RFC 2253, in one line, with everything escaped that is not printable ASCII.
enum : unsigned long { ssmp_XN_FLAG_RFC2253 = XN_FLAG_RFC2253 };

static inline int ssmp_sk_X509_count(const STACK_OF(X509) *stack) { return stack ? sk_X509_num(stack) : 0; }
static inline X509 *ssmp_sk_X509_at(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }
static inline STACK_OF(X509) *ssmp_sk_X509_new(void) { return sk_X509_new_null(); }
// Takes a reference of its own.
static inline int ssmp_sk_X509_append(STACK_OF(X509) *stack, X509 *certificate) {
  return X509_add_cert(stack, certificate, X509_ADD_FLAG_UP_REF);
}
static inline void ssmp_sk_X509_free(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

static inline STACK_OF(X509_NAME) *ssmp_sk_X509_NAME_new(void) { return sk_X509_NAME_new_null(); }
// Adds a copy.
static inline int ssmp_sk_X509_NAME_append(STACK_OF(X509_NAME) *stack, const X509_NAME *name) {
  X509_NAME *copy = X509_NAME_dup(name);
  if (copy && sk_X509_NAME_push(stack, copy) > 0) return 1;
  X509_NAME_free(copy);
  return 0;
}

static inline int ssmp_GENERAL_NAMES_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline int ssmp_GENERAL_NAMES_type(const GENERAL_NAMES *names, int index) {
  return sk_GENERAL_NAME_value(names, index)->type;
}
// The text of a DNS, e-mail or URI name, or the bytes of an IP address.
static inline const ASN1_STRING *ssmp_GENERAL_NAMES_string(const GENERAL_NAMES *names, int index) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  switch (name->type) {
    case GEN_DNS: return name->d.dNSName;
    case GEN_EMAIL: return name->d.rfc822Name;
    case GEN_URI: return name->d.uniformResourceIdentifier;
    case GEN_IPADD: return name->d.iPAddress;
    default: return NULL;
  }
}

// For tests and clients.

static inline EVP_PKEY *ssmp_EVP_EC_key(const char *curve) { return EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve); }
static inline EVP_PKEY *ssmp_EVP_RSA_key(size_t bits) { return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits); }

// Takes the name over.
static inline int ssmp_GENERAL_NAMES_append(GENERAL_NAMES *names, GENERAL_NAME *name) {
  return sk_GENERAL_NAME_push(names, name) > 0;
}

#endif
