#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/quantity.h"
#include "scenario/convert_forms.h"
#include "scenario/load_curve.h"

#define MAX_WORDS 400

/* Where vLLM sends as fast as it can, and where the number of prompts ends the run. */
#define LONGEST_S 3600

/* How much longer than on average the last of so many arrivals may take, by chance. */
#define SLACK 1.2
#define SLACK_S 10

enum vllm_dataset { RANDOM, SHAREGPT, CUSTOM, SONNET, PREFIX_REPETITION, OTHER };

/* The command line, as words; options with their values. */
struct command {
    const char *words[MAX_WORDS];
    size_t count;
    bool used[MAX_WORDS];
    struct draft *draft;
};

/*
 * Takes the next word as a shell would: quotes, and a backslash before any character or the end of a
 * line. Writes it to *to, which stands behind its end then. Returns where the text goes on.
 */
static const char *take_word(const char *text, char **to)
{
    char quote = 0;

    for (; *text && (quote || !strchr(" \t\r\n", *text)); text++) {
        if (*text == '\\' && quote != '\'' && text[1]) {
            if (*++text != '\n')
                *(*to)++ = *text;
        } else if (quote ? *text == quote : *text == '"' || *text == '\'') {
            quote = quote ? 0 : *text;
        } else {
            *(*to)++ = *text;
        }
    }
    *(*to)++ = '\0';
    return text;
}

static void split(struct command *command, const char *text)
{
    char *to = draft_alloc(command->draft, strlen(text) + MAX_WORDS + 1, 1);

    while (to && command->count < MAX_WORDS) {
        text += strspn(text, " \t\r\n");
        if (text[0] == '\\' && text[1] == '\n') {
            text += 2;
            continue;
        }
        if (!*text)
            return;
        command->words[command->count++] = to;
        text = take_word(text, &to);
    }
}

/* The value of --name VALUE or --name=VALUE, the last one given; NULL where it is not there. */
static const char *value_of(struct command *command, const char *name)
{
    const size_t len = strlen(name);
    const char *value = NULL;

    for (size_t i = 0; i < command->count; i++) {
        const char *word = command->words[i];

        if (strncmp(word, "--", 2) != 0 || strncmp(word + 2, name, len) != 0)
            continue;
        if (word[2 + len] == '=') {
            value = word + 2 + len + 1;
            command->used[i] = true;
        } else if (!word[2 + len]) {
            command->used[i] = true;
            if (i + 1 < command->count && strncmp(command->words[i + 1], "--", 2) != 0) {
                value = command->words[i + 1];
                command->used[i + 1] = true;
            }
        }
    }
    return value;
}

static bool has_flag(struct command *command, const char *name)
{
    for (size_t i = 0; i < command->count; i++) {
        if (strncmp(command->words[i], "--", 2) == 0 &&
            strcmp(command->words[i] + 2, name) == 0) {
            command->used[i] = true;
            return true;
        }
    }
    return false;
}

static double number_of(struct command *command, const char *name, double otherwise)
{
    const char *value = value_of(command, name);
    double number = 0;

    if (!value)
        return otherwise;
    if (strcmp(value, "inf") == 0)
        return INFINITY;
    if (quantity_parse_number(value, &number) == 0 && number >= 0)
        return number;
    draft_note(command->draft, "--%s is left out: '%.60s' is no number", name, value);
    return otherwise;
}

static const char *text_of(struct command *command, const char *name,
                           const char *otherwise)
{
    const char *value = value_of(command, name);

    return value ? value : otherwise;
}

/* Where the values of an option begin, which is behind its name; nowhere: the end. */
static size_t values_of(const struct command *command, const char *option, size_t from)
{
    for (size_t i = from; i < command->count; i++)
        if (strncmp(command->words[i], "--", 2) == 0 &&
            strcmp(command->words[i] + 2, option) == 0)
            return i + 1;
    return command->count;
}

/* Whether there is a word that is no option. */
static bool is_value(const struct command *command, size_t at)
{
    return at < command->count && strncmp(command->words[at], "--", 2) != 0;
}

/* NAME=VALUE words behind an option, up to the next option. */
static void write_pairs(struct command *command, const char *option, enum draft_part part,
                        unsigned level, const char *key)
{
    bool any = false;

    (void)value_of(command, option);
    for (size_t at = values_of(command, option, 0); at < command->count;
         at = values_of(command, option, at)) {
        for (; is_value(command, at); at++) {
            const char *word = command->words[at];
            const char *equals = strchr(word, '=');

            if (!equals)
                break;
            command->used[at] = true;
            if (!any)
                draft_line(command->draft, part, level, "%s:", key);
            any = true;
            draft_line(command->draft, part, level + 1, "%s: %s",
                       draft_text(command->draft,
                                  draft_printf(command->draft, "%.*s",
                                               (int)(equals - word), word),
                                  false),
                       draft_text(command->draft, equals + 1, false));
        }
    }
}

static void write_target(struct command *command)
{
    struct draft *draft = command->draft;
    const char *host = text_of(command, "host", "127.0.0.1");
    const char *port = text_of(command, "port", "8000");
    const char *url =
        convert_address(draft, text_of(command, "base-url",
                                       draft_printf(draft, "http://%s:%s", host, port)));

    draft_line(draft, DRAFT_TARGET, 0, "target:");
    draft_line(draft, DRAFT_TARGET, 1, "url: ${BASE_URL:-%s}", url);
    if (has_flag(command, "insecure"))
        draft_line(draft, DRAFT_TARGET, 1, "tls: {insecure: true}");
    write_pairs(command, "header", DRAFT_TARGET, 1, "headers");
    draft_note(draft,
               "vLLM's script sends $OPENAI_API_KEY where it is set: write `api_key: "
               "${OPENAI_API_KEY}` under `target` where the server wants one");
}

static enum vllm_dataset dataset_of(const char *name)
{
    static const char *const names[] = {[RANDOM] = "random",
                                        [SHAREGPT] = "sharegpt",
                                        [CUSTOM] = "custom",
                                        [SONNET] = "sonnet",
                                        [PREFIX_REPETITION] = "prefix_repetition"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcmp(names[i], name) == 0)
            return (enum vllm_dataset)i;
    return OTHER;
}

/* Lengths of prompts and answers, in tokens. */
struct lengths {
    double input;
    double output; /* 0: not said */
    double prefix;
    double prefixes;
    double ratio; /* half the width, as a part of the length */
};

static struct lengths lengths_of(struct command *command, enum vllm_dataset dataset)
{
    struct lengths lengths = {.input = 1024, .output = 128, .prefixes = 1};

    switch (dataset) {
    case RANDOM:
        lengths.input = number_of(command, "random-input-len", lengths.input);
        lengths.output = number_of(command, "random-output-len", lengths.output);
        lengths.prefix = number_of(command, "random-prefix-len", 0);
        lengths.ratio = number_of(command, "random-range-ratio", 0);
        break;
    case SONNET:
        lengths.input = number_of(command, "sonnet-input-len", 550);
        lengths.output = number_of(command, "sonnet-output-len", 150);
        lengths.prefix = number_of(command, "sonnet-prefix-len", 200);
        lengths.input = fmax(lengths.input - lengths.prefix, 1);
        break;
    case PREFIX_REPETITION:
        lengths.input = number_of(command, "prefix-repetition-suffix-len", 256);
        lengths.output = number_of(command, "prefix-repetition-output-len", 128);
        lengths.prefix = number_of(command, "prefix-repetition-prefix-len", 256);
        lengths.prefixes = number_of(command, "prefix-repetition-num-prefixes", 10);
        break;
    case SHAREGPT:
        lengths.output = number_of(command, "sharegpt-output-len", 0);
        break;
    case CUSTOM:
        lengths.output = number_of(command, "custom-output-len", 256);
        break;
    case OTHER:
        break;
    }
    lengths.input = number_of(command, "input-len", lengths.input);
    lengths.output = number_of(command, "output-len", lengths.output);
    return lengths;
}

static const char *length(struct draft *draft, double tokens, double ratio)
{
    if (ratio <= 0)
        return draft_printf(draft, "%.0f", fmax(tokens, 1));
    return draft_printf(draft, "%.0f..%.0f", fmax(floor(tokens * (1 - ratio)), 1),
                        ceil(tokens * (1 + ratio)));
}

/* Prompts from a file. Returns false where the command names none. */
static bool write_dataset(struct command *command, enum vllm_dataset dataset)
{
    struct draft *draft = command->draft;
    const char *path = value_of(command, "dataset-path");

    if (!path)
        return false;
    draft_line(draft, DRAFT_DATA, 0, "datasets:");
    draft_line(draft, DRAFT_DATA, 1, "prompts: {file: %s, format: %s, order: %s}",
               draft_text(draft, path, true), dataset == SHAREGPT ? "sharegpt" : "jsonl",
               has_flag(command, "disable-shuffle") ? "sequential" : "random");
    return true;
}

/* One of --goodput's, METRIC:MS. Returns whether it is one. */
static bool add_slo(struct command *command, const char *word, const char **slo)
{
    static const struct {
        const char *theirs;
        const char *ours;
    } metrics[] = {{"ttft", "ttft"}, {"tpot", "tpot"}, {"e2el", "e2e"}};
    const char *colon = strchr(word, ':');
    double ms = 0;

    if (!colon || quantity_parse_number(colon + 1, &ms) < 0 || ms <= 0)
        return false;
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        if (strncmp(word, metrics[i].theirs, (size_t)(colon - word)) != 0 ||
            metrics[i].theirs[colon - word])
            continue;
        *slo = draft_printf(command->draft, "%s%s%s: %s", *slo, **slo ? ", " : "",
                            metrics[i].ours, draft_duration(command->draft, ms / 1000));
        return true;
    }
    return false;
}

/* The words behind --goodput, up to the next option. */
static void write_slo(struct command *command)
{
    const char *slo = "";

    (void)has_flag(command, "goodput");
    for (size_t at = values_of(command, "goodput", 0); is_value(command, at); at++) {
        command->used[at] = true;
        if (!add_slo(command, command->words[at], &slo))
            draft_note(command->draft, "--goodput %s has no counterpart",
                       command->words[at]);
    }
    if (*slo)
        draft_line(command->draft, DRAFT_THRESHOLDS, 0, "slo: {%s}", slo);
}

static void write_prompt(struct command *command, enum vllm_dataset dataset)
{
    struct draft *draft = command->draft;
    const struct lengths lengths = lengths_of(command, dataset);
    const bool exact = has_flag(command, "ignore-eos");

    if ((dataset == SHAREGPT || dataset == CUSTOM) && write_dataset(command, dataset)) {
        draft_line(draft, DRAFT_USERS, 5, "dataset: prompts");
        if (lengths.output > 0)
            draft_line(draft, DRAFT_USERS, 5, "max_tokens: %.0f", lengths.output);
        if (exact)
            draft_line(draft, DRAFT_USERS, 5, "extra_body: {ignore_eos: true}");
        return;
    }
    if (dataset != RANDOM && dataset != PREFIX_REPETITION)
        draft_note(draft, "the data set `%s` became words of about its length",
                   text_of(command, "dataset-name", "random"));
    draft_line(draft, DRAFT_USERS, 5, "synthetic: {input: %s, output: %s%s}",
               length(draft, lengths.input, lengths.ratio),
               length(draft, lengths.output > 0 ? lengths.output : 128, lengths.ratio),
               exact ? ", exact_output: true" : "");
    if (lengths.prefix > 0)
        draft_line(draft, DRAFT_USERS, 5, "prefix: {tokens: %.0f, pool: %.0f}",
                   lengths.prefix, lengths.prefixes);
    draft_note(draft,
               "lengths are tokens by estimate, calibrated from what the server counts: "
               "there is no tokenizer here");
}

/* Settings of the server's draw; the script's own default is to draw nothing. */
static void write_sampling(struct command *command)
{
    static const char *const others[] = {"top-k",
                                         "min-p",
                                         "frequency-penalty",
                                         "presence-penalty",
                                         "repetition-penalty",
                                         "extra-body"};
    struct draft *draft = command->draft;
    const char *top_p = value_of(command, "top-p");

    draft_line(draft, DRAFT_USERS, 5, "temperature: %g",
               number_of(command, "temperature", 0));
    if (top_p)
        draft_line(draft, DRAFT_USERS, 5, "top_p: %s", draft_text(draft, top_p, false));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (value_of(command, others[i]))
            draft_note(draft, "--%s: write it under `extra_body`", others[i]);
}

static void write_users(struct command *command)
{
    struct draft *draft = command->draft;
    const char *backend =
        text_of(command, "backend", text_of(command, "endpoint-type", "openai"));
    const char *endpoint = text_of(command, "endpoint", "");
    const bool chat = strstr(endpoint, "chat") || strstr(backend, "chat");
    const char *model = text_of(command, "served-model-name", value_of(command, "model"));

    (void)value_of(command, "model");
    draft_line(draft, DRAFT_USERS, 0, "users:");
    draft_line(draft, DRAFT_USERS, 1, "asker:");
    draft_line(draft, DRAFT_USERS, 2, "flow:");
    draft_line(draft, DRAFT_USERS, 3, "- %s:", chat ? "chat" : "completion");
    draft_line(draft, DRAFT_USERS, 5, "model: %s",
               model ? draft_text(draft, model, false) : "${MODEL:-default}");
    if (!model)
        draft_note(draft,
                   "vLLM's script asks the server for its model: name it with $MODEL");
    write_prompt(command, dataset_of(text_of(command, "dataset-name", "random")));
    write_sampling(command);
    if (*endpoint && strcmp(endpoint, "/v1/completions") != 0 &&
        strcmp(endpoint, "/v1/chat/completions") != 0)
        draft_note(draft,
                   "--endpoint %s: requests go to the API's own path under the target",
                   endpoint);
}

/* Arrivals as the script draws them; no more people than may ask at the same time, and they wait. */
static void write_arrivals(struct command *command, double burstiness, double most)
{
    struct draft *draft = command->draft;

    if (burstiness == 1)
        draft_line(draft, DRAFT_LOAD, 0,
                   "arrivals: {distribution: poisson, users: %.0f, max_wait: 24h}", most);
    else
        draft_line(draft, DRAFT_LOAD, 0,
                   "arrivals: {distribution: gamma, burstiness: %g, users: %.0f, "
                   "max_wait: 24h}",
                   burstiness, most);
}

/* How long a ramp takes by whose end all prompts were sent: the integral of the rate is their number. */
static double ramp_seconds(double prompts, double start, double end, bool exponential)
{
    if (exponential && start > 0 && end > 0 && start != end)
        return prompts * log(end / start) / (end - start);
    return 2 * prompts / (start + end);
}

/* A rate, or a ramp of it. The number of prompts ends the run; chance may bring them later. */
static void write_rate(struct command *command, double rate, double prompts)
{
    const double start = number_of(command, "ramp-up-start-rps", 0);
    const double end = number_of(command, "ramp-up-end-rps", 0);
    const char *strategy = value_of(command, "ramp-up-strategy");
    struct load_curve curve = {.is_rate = true};

    if (strategy && start + end > 0) {
        const bool exponential = strcmp(strategy, "exponential") == 0;

        load_curve_add(&curve, fmax(ramp_seconds(prompts, start, end, exponential), 1),
                       start, end);
        if (exponential)
            curve.pieces[0].shape = "exponential";
    }
    load_curve_add(&curve, ceil(prompts / rate * SLACK + SLACK_S), rate, rate);
    load_curve_write(&curve, command->draft);
}

static void write_load(struct command *command)
{
    struct draft *draft = command->draft;
    const double prompts = number_of(command, "num-prompts", 1000);
    const double most = number_of(command, "max-concurrency", prompts);
    const double burstiness = number_of(command, "burstiness", 1);
    const double rate = value_of(command, "ramp-up-strategy")
                            ? number_of(command, "ramp-up-end-rps", 1)
                            : number_of(command, "request-rate", INFINITY);

    write_users(command);
    if (isfinite(rate) && rate > 0) {
        write_arrivals(command, burstiness, fmax(fmin(most, prompts), 1));
        write_rate(command, rate, prompts);
    } else {
        struct load_curve curve = {0};

        load_curve_add(&curve, LONGEST_S, fmin(most, prompts), fmin(most, prompts));
        load_curve_write(&curve, draft);
    }
    draft_line(draft, DRAFT_LIMITS, 0, "limits: {requests: %.0f}", prompts);
}

/* What is left of the options. */
static void note_others(struct command *command)
{
    static const char *const needless[] = {"percentile-metrics",
                                           "metric-percentiles",
                                           "result-dir",
                                           "result-filename",
                                           "tokenizer",
                                           "tokenizer-mode",
                                           "backend",
                                           "ready-check-timeout-sec",
                                           "label",
                                           "dataset-path"};
    static const char *const flags[] = {
        "save-result",       "save-detailed", "append-result",  "disable-tqdm",
        "trust-remote-code", "profile",       "disable-shuffle"};

    for (size_t i = 0; i < COUNT_OF(needless); i++)
        (void)value_of(command, needless[i]);
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        (void)has_flag(command, flags[i]);
    if (value_of(command, "num-warmups"))
        draft_note(command->draft, "--num-warmups: `warm_up` is a time here");
    for (size_t i = 0; i < command->count; i++)
        if (!command->used[i] && strncmp(command->words[i], "--", 2) == 0)
            draft_note(command->draft, "%s has no counterpart", command->words[i]);
}

int convert_vllm(const char *name, const char *text, struct draft *draft,
                 struct diag_list *reterr_diags)
{
    struct command *command = draft_alloc(draft, 1, sizeof(*command));
    const char *seed;

    if (!command)
        return draft->error;
    command->draft = draft;
    split(command, text);
    if (command->count < 2)
        return diag_add(reterr_diags, (struct diag_place){.file = name}, NULL,
                        "there is no command line in it");
    draft_line(draft, DRAFT_HEAD, 0, "scenario: from-vllm-bench");
    seed = value_of(command, "seed");
    if (seed)
        draft_line(draft, DRAFT_HEAD, 0, "seed: %s", draft_text(draft, seed, false));
    write_target(command);
    write_pairs(command, "metadata", DRAFT_TAGS, 0, "tags");
    write_slo(command);
    write_load(command);
    note_others(command);
    return draft->error;
}
