#include "net/easy.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/secret.h"

#define MAX_HEADER_BYTES 8192

int easy_add_header(struct curl_slist **headers, const char *name, const char *value)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_HEADER_BYTES);
    struct curl_slist *longer;

    /* "Name:" would take a header of libcurl's away, "Name;" is an empty one. */
    buf_printf(&text, *value ? "%s: %s" : "%s;", name, value);
    if (buf_error(&text) < 0)
        return buf_error(&text);
    longer = curl_slist_append(*headers, buf_str(&text));
    secret_wipe(text.bytes, text.len);
    if (!longer)
        return -ENOMEM;
    *headers = longer;
    return 0;
}

void easy_set_tls(CURL *easy, const struct easy_tls *tls)
{
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls->insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls->insecure ? 0L : 2L);
    if (tls->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca_file);
    if (tls->cert_file)
        curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->cert_file);
    if (tls->key_file)
        curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_file);
}

int easy_error_of(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return 0;
    case CURLE_OPERATION_TIMEDOUT:
        return -ETIMEDOUT;
    case CURLE_OUT_OF_MEMORY:
        return -ENOMEM;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return -EINVAL;
    default:
        return -EIO;
    }
}

void easy_write_detail(const char *text, size_t len, char *detail, size_t size)
{
    CLEANUP(buf_deinit) struct buf printable = BUF_INIT(4 * size);
    const char *cut;

    while (len > 0 && strchr(" \r\n", text[len - 1]))
        len--;
    (void)buf_append_printable(&printable, text, len);
    cut = buf_str(&printable);
    len = strnlen(cut, size - 1);
    /* Not within a character of UTF-8. */
    while (len > 0 && cut[len] != '\0' && ((unsigned char)cut[len] & 0xC0) == 0x80)
        len--;
    memcpy(detail, cut, len);
    detail[len] = '\0';
}
