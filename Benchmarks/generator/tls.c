/* TLS: the handshake, and deliveries that are counted without decrypting them. */
#include "connections.h"
#include <openssl/err.h>
#include <sys/epoll.h>

static SSL_CTX *context;
static const char *version = "0";

const char *tls_version(void) { return version; }

void tls_setup(void)
{
    context = SSL_CTX_new(TLS_client_method());
    if (!context) die(EXIT_PROTOCOL, "SSL_CTX_new failed");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    if (opt.ca) {
        if (!SSL_CTX_load_verify_locations(context, opt.ca, NULL))
            die(EXIT_USAGE, "cannot load --ca");
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    }
    const char *key = opt.key ? opt.key : opt.cert;
    if (opt.cert && (SSL_CTX_use_certificate_chain_file(context, opt.cert) != 1 ||
                     SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1))
        die(EXIT_USAGE, "cannot load --cert or --key");
}

void tls_step(Conn *c)
{
    int r = SSL_connect(c->ssl);
    if (r == 1) {
        version = SSL_get_version(c->ssl);
        c->phase = PH_LOGIN;
        watch(c, EPOLLIN);
        start_login(c);
        return;
    }
    switch (SSL_get_error(c->ssl, r)) {
    case SSL_ERROR_WANT_READ: watch(c, EPOLLIN); break;
    case SSL_ERROR_WANT_WRITE: watch(c, EPOLLIN | EPOLLOUT); break;
    default:
        ERR_print_errors_fp(stderr);
        die(EXIT_PROTOCOL, "TLS handshake failed");
    }
}

void tls_start(Conn *c)
{
    c->ssl = SSL_new(context);
    if (!c->ssl || !SSL_set_fd(c->ssl, c->fd)) die(EXIT_PROTOCOL, "SSL_new failed");
    c->phase = PH_TLS;
    tls_step(c);
}

/* -------------------------------------------------------------- sealed -- */

static uint32_t sealed_length;  /* bytes of a message as its recipients get it */

void seal(Conn *c, Sender *s, size_t message_length)
{
    if (SSL_version(c->ssl) != TLS1_3_VERSION) die(EXIT_PROTOCOL, "--sealed needs TLS 1.3");
    if (SSL_has_pending(c->ssl) || c->in_len)
        die(EXIT_PROTOCOL, "something has come on %s already", c->name);
    sealed_length = (uint32_t)message_length;
    c->sealed = true;
    c->sender = s;
}

/* A record of TLS 1.3 carries plain text, a byte with its type, and a tag of
 * 16 bytes, behind a header of 5. Returns the length of all complete records. */
size_t count_sealed(Conn *c, const unsigned char *p, size_t n)
{
    size_t off = 0;
    while (n - off >= 5) {
        size_t length = (size_t)p[off + 3] << 8 | p[off + 4];
        if (p[off] != 23 || length < 17) die(EXIT_PROTOCOL, "unexpected record on %s", c->name);
        if (n - off < 5 + length) break;
        off += 5 + length;
        c->plain += (uint32_t)length - 17;
    }
    c->sender->delivered += c->plain / sealed_length;
    run.delivered += c->plain / sealed_length;
    c->plain %= sealed_length;
    return off;
}
