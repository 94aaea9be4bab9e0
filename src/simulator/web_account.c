/* /api/v1/auth: who may use the web API. */
#include <string.h>

#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/shelf.h"
#include "simulator/web.h"
#include "simulator/web_state.h"

#define EMAIL_BYTES_MAX 254
#define PASSWORD_BYTES_LEAST 8
#define PASSWORD_BYTES_MAX 256
#define NAME_BYTES_MAX 200
#define TOKEN_LIFE_S 3600

/* What is kept of a password. */
static json_int_t hash_of(const char *password)
{
    uint64_t hash = 1;

    for (; *password; password++)
        hash = rng_mix(hash ^ (unsigned char)*password);
    return (json_int_t)(hash >> 1);
}

/* A body's e-mail and password; where they are missing or wrong, it is refused here. */
static bool read_credentials(const struct exchange *exchange, const json_t *body,
                             const char **ret_email, const char **ret_password)
{
    const char *email = web_text(exchange, body, "email", 3, EMAIL_BYTES_MAX);
    const char *password = NULL;

    if (!email)
        return false;
    if (!strchr(email + 1, '@') || email[strlen(email) - 1] == '@') {
        web_refuse_field(exchange, "body", "email", "an e-mail address is required");
        return false;
    }
    password =
        web_text(exchange, body, "password", PASSWORD_BYTES_LEAST, PASSWORD_BYTES_MAX);
    *ret_email = email;
    *ret_password = password;
    return password != NULL;
}

static void add_account(const struct exchange *exchange, const json_t *body,
                        const char *email, const char *password)
{
    const char *name = json_string_value(json_object_get(body, "name"));
    json_t *account;
    char id[48];
    char now[32];

    web_make_id(exchange, "user", id);
    web_write_now(now);
    account = json_pack("{s:{s:s, s:s, s:s, s:s}, s:I, s:{}, s:{}}", "user", "id", id,
                        "email", email, "name", name ? name : email, "created_at", now,
                        "secret", hash_of(password), "agents", "pipelines");
    if (shelf_put(exchange->simulator->web->accounts, WEB_ACCOUNTS_MAX, email, account) <
        0)
        exchange_refuse_status(exchange, 500);
    else
        exchange_answer_json(exchange, 201,
                             json_incref(json_object_get(account, "user")));
}

void web_register(struct exchange *exchange)
{
    const struct web *web = web_of(exchange);
    json_t *body = web ? web_body(exchange) : NULL;
    const char *email;
    const char *password;

    if (!body)
        return;
    if (read_credentials(exchange, body, &email, &password) &&
        (!json_object_get(body, "name") ||
         web_text(exchange, body, "name", 1, NAME_BYTES_MAX))) {
        if (json_object_get(web->accounts, email))
            exchange_refuse(exchange, (struct exchange_error){.status = 409},
                            "This e-mail is registered already");
        else
            add_account(exchange, body, email, password);
    }
    json_decref(body);
}

static void give_token(const struct exchange *exchange, json_t *account)
{
    char token[48];

    web_make_id(exchange, "token", token);
    if (shelf_put(exchange->simulator->web->tokens, WEB_TOKENS_MAX, token,
                  json_incref(account)) < 0) {
        exchange_refuse_status(exchange, 500);
        return;
    }
    exchange_answer_json(exchange, 200,
                         json_pack("{s:s, s:s, s:i, s:O}", "access_token", token,
                                   "token_type", "bearer", "expires_in", TOKEN_LIFE_S,
                                   "user", json_object_get(account, "user")));
}

void web_login(struct exchange *exchange)
{
    const struct web *web = web_of(exchange);
    json_t *body = web ? web_body(exchange) : NULL;
    const char *email;
    const char *password;

    if (!body)
        return;
    if (read_credentials(exchange, body, &email, &password)) {
        json_t *account = json_object_get(web->accounts, email);

        if (account &&
            json_integer_value(json_object_get(account, "secret")) == hash_of(password))
            give_token(exchange, account);
        else
            exchange_refuse(exchange, (struct exchange_error){.status = 401},
                            "Wrong e-mail or password");
    }
    json_decref(body);
}

void web_logout(struct exchange *exchange)
{
    struct head head;

    if (!web_account(exchange))
        return;
    (void)json_object_del(exchange->simulator->web->tokens, exchange_key(exchange));
    exchange_head(exchange, &head);
    exchange_answer(exchange, 204, &head, "", 0);
}

void web_me(struct exchange *exchange)
{
    const json_t *account = web_account(exchange);

    if (account)
        exchange_answer_json(exchange, 200,
                             json_incref(json_object_get(account, "user")));
}
