#include "cli/fingerprint.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "cli/dry_run.h"
#include "net/transport.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "workload/data.h"
#include "workload/question.h"

#define HASH_BYTES 32
#define MAX_PLAN_BYTES ((size_t)16 << 20)

/* What one user said so far, or what an arrival did: each request is hashed onto what came before. */
struct user_digest {
    unsigned char hash[HASH_BYTES];
    uint32_t requests;
};

struct digests {
    struct user_digest *users;
    uint64_t user_count;
    EVP_MD_CTX *sha; /* used for one request after the other */
    bool is_open;    /* users are arrivals */
    bool failed;
};

/* How arrivals follow each other: nothing of it in a closed loop. */
static void describe_arrivals(const struct plan *plan, struct buf *out)
{
    const struct plan_arrivals *arrivals = &plan->arrivals;

    if (!plan_is_open(plan))
        return;
    buf_printf(out, "arrivals %d %.17g %" PRIu64 " %" PRIu64 "\n", (int)arrivals->kind,
               arrivals->burstiness, arrivals->users, arrivals->max_wait_ns);
    for (size_t i = 0; i < plan->phase_count; i++)
        buf_printf(out, "rate %.17g %.17g\n", plan->phases[i].from_rate_per_s,
                   plan->phases[i].rate_per_s);
}

static void describe_phases(const struct plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->phase_count; i++) {
        const struct plan_phase *phase = &plan->phases[i];

        buf_printf(out, "phase %d %d %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
                   (int)phase->kind, (int)phase->shape, phase->steps, phase->from_users,
                   phase->users, phase->duration_ns);
    }
}

static void describe_pause(const struct plan_pause *pause, struct buf *out)
{
    buf_printf(out, "pause %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
               (int)pause->kind, pause->base_ns, pause->variance_ns, pause->min_ns,
               pause->max_ns);
}

/* A value that is set; of a secret that it is one. */
static void describe_assignment(const struct plan *plan,
                                const struct plan_assignment *set, struct buf *out)
{
    const char *text = set->text.text ? set->text.text : "";

    if (set->kind == PLAN_VALUE_QUERY)
        text = plan->queries[set->query];
    if (plan->variables[set->variable].secret)
        text = "";
    buf_printf(out, "set %" PRIu32 " %d %s\n", set->variable, (int)set->kind, text);
}

static void describe_program(const struct plan *plan, const struct plan_program *program,
                             struct buf *out)
{
    for (size_t i = 0; i < program->instruction_count; i++) {
        const struct plan_instruction *instruction = &program->instructions[i];

        buf_printf(out, "op %d %" PRIu32 "\n", (int)instruction->op, instruction->b);
        if (instruction->op == PLAN_OP_THINK && plan->steps[instruction->a].pause)
            describe_pause(plan->steps[instruction->a].pause, out);
        if (instruction->op == PLAN_OP_UNLESS)
            buf_printf(out, "if %s\n", plan->queries[instruction->a]);
        if (instruction->op == PLAN_OP_SET)
            describe_assignment(plan, &plan->assignments[instruction->a], out);
    }
    for (size_t i = 0; i < program->branch_count; i++)
        buf_printf(out, "branch %" PRIu32 " %" PRIu32 "\n", program->branches[i].weight,
                   program->branches[i].instruction);
}

/* What is dealt to arms; which targets, models and headers they have is no more told than of all else. */
static void describe_arms(const struct plan *plan, struct buf *out)
{
    if (plan->ab.arm_count == 0)
        return;
    buf_printf(out, "ab %d\n", (int)plan->ab.by);
    for (size_t i = 0; i < plan->ab.arm_count; i++)
        buf_printf(out, "arm %" PRIu32 "\n", plan->ab.arms[i].weight);
}

/* What the requests themselves do not show: the load, the mix, the pauses, the order. */
static void describe(const struct plan *plan, struct buf *out)
{
    buf_printf(out, "throng workload " FINGERPRINT_GENERATOR "\nseed %" PRIu64 "\n",
               plan->seed);
    describe_phases(plan, out);
    describe_arrivals(plan, out);
    describe_arms(plan, out);
    for (size_t i = 0; i < plan->class_count; i++) {
        const struct plan_class *class = &plan->classes[i];

        buf_printf(out, "class %" PRIu32 " %" PRIu64 " %" PRIu64 "\n", class->weight,
                   class->count, class->iterations);
        describe_pause(&class->think, out);
        describe_program(plan, &plan->programs[class->program], out);
    }
}

/* The path of a URL: the origin is the target's business. */
static const char *path_of(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;

    return path ? path : "";
}

/* The body without its model: {"model":"…", is how every chat body begins. */
static const char *without_model(const char *body, size_t *len)
{
    static const char head[] = "{\"model\":\"";
    const char *end = NULL;

    if (*len > sizeof(head) && memcmp(body, head, sizeof(head) - 1) == 0)
        end = memchr(body + sizeof(head) - 1, '"', *len - sizeof(head) + 1);
    if (!end)
        return body;
    *len -= (size_t)(end - body);
    return end;
}

static void note_request(void *ctx, const struct dry_request *dry)
{
    struct digests *digests = ctx;
    const struct transfer_request *request = dry->request;
    const uint64_t who = digests->is_open ? request->arrival : request->user;

    if (who >= digests->user_count)
        return;
    struct user_digest *user = &digests->users[who];

    if (user->requests == FINGERPRINT_REQUESTS)
        return;
    size_t len = request->body_len;
    const char *body = request->body ? without_model(request->body, &len) : "";
    const char *path = path_of(request->url);
    EVP_MD_CTX *sha = digests->sha;

    user->requests++;
    if (!EVP_DigestInit_ex(sha, EVP_sha256(), NULL) ||
        !EVP_DigestUpdate(sha, user->hash, sizeof(user->hash)) ||
        !EVP_DigestUpdate(sha, &who, sizeof(who)) ||
        !EVP_DigestUpdate(sha, &dry->at_ns, sizeof(dry->at_ns)) ||
        !EVP_DigestUpdate(sha, request->method, strlen(request->method) + 1) ||
        !EVP_DigestUpdate(sha, path, strlen(path) + 1) ||
        !EVP_DigestUpdate(sha, body, request->body ? len : 0) ||
        !EVP_DigestFinal_ex(sha, user->hash, NULL))
        digests->failed = true;
}

/* Adds all users' hashes as little-endian numbers: the order does not matter. */
static void sum_users(const struct digests *digests, unsigned char sum[static HASH_BYTES])
{
    for (uint64_t i = 0; i < digests->user_count; i++) {
        unsigned carry = 0;

        for (size_t j = 0; digests->users[i].requests && j < HASH_BYTES; j++) {
            carry += (unsigned)sum[j] + digests->users[i].hash[j];
            sum[j] = (unsigned char)carry;
            carry >>= 8;
        }
    }
}

static void write_hex(const unsigned char hash[static HASH_BYTES],
                      char hex[static FINGERPRINT_BYTES])
{
    for (size_t i = 0; i < HASH_BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
}

/* So much of the load is run: no more arrivals than count. */
static uint64_t stretch_of(const struct plan *plan)
{
    const uint64_t last_ns = plan_arrivals_moment_ns(plan, FINGERPRINT_USERS);

    return last_ns < FINGERPRINT_STRETCH_NS ? last_ns : FINGERPRINT_STRETCH_NS;
}

void fingerprint_of_plan(const struct plan *plan, const struct data *data,
                         char fingerprint[static FINGERPRINT_BYTES])
{
    struct plan whole = *plan;
    struct plan sampled;
    struct buf text = BUF_INIT(MAX_PLAN_BYTES);
    const bool is_open = plan_is_open(plan);
    struct digests digests = {.is_open = is_open,
                              .user_count =
                                  is_open ? FINGERPRINT_USERS : plan_peak_users(plan)};
    const struct dry_watch watch = {.ctx = &digests, .on_request = note_request};
    unsigned char sum[HASH_BYTES] = {0};
    unsigned char hash[HASH_BYTES];

    /* Not the split of this run, but one that leaves a sample of a large population. */
    whole.worker_index = 0;
    whole.worker_count =
        is_open ? 1 : (uint32_t)(digests.user_count / FINGERPRINT_USERS + 1);
    sampled = whole;
    /* As if each of them had the whole limit: the sample is the same for any number of workers. */
    sampled.limits.requests *= whole.worker_count;
    if (__builtin_mul_overflow(whole.limits.cost_pusd, (int64_t)whole.worker_count,
                               &sampled.limits.cost_pusd))
        sampled.limits.cost_pusd = INT64_MAX;
    fingerprint[0] = '\0';
    digests.users = calloc(digests.user_count + 1, sizeof(*digests.users));
    digests.sha = EVP_MD_CTX_new();
    int r = digests.users && digests.sha ? 0 : -ENOMEM;

    if (r >= 0)
        r = dry_run(&sampled, data, question_nonce_of_seed(plan->seed), stretch_of(plan),
                    &watch);
    if (r >= 0) {
        describe(&whole, &text);
        if (data && (plan->dataset_count > 0 || data_trace(data)))
            buf_printf(&text, "datasets %016" PRIx64 "\n", data_hash(data));
        sum_users(&digests, sum);
        r = buf_append(&text, sum, sizeof(sum));
    }
    if (r >= 0 && !digests.failed &&
        EVP_Digest(buf_str(&text), text.len, hash, NULL, EVP_sha256(), NULL))
        write_hex(hash, fingerprint);
    EVP_MD_CTX_free(digests.sha);
    buf_deinit(&text);
    free(digests.users);
}
