/*
 * The RAG stack: POST /index puts documents into a collection, POST /query answers a question from
 * them. Its form is this simulator's own (doc/simulator.md): there is no standard. A collection
 * exists as soon as it is named; what it lacks in documents is made up.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "simulator/asked.h"
#include "simulator/distribution.h"
#include "simulator/endpoint.h"
#include "simulator/instance.h"
#include "simulator/lexicon.h"
#include "simulator/shelf.h"

#define COLLECTIONS_MAX 4096
/* Of each collection, those that answers can name. */
#define DOCUMENTS_MAX 32
#define DOCUMENTS_PER_REQUEST_MAX 1000
#define SOURCES_BY_DEFAULT 5
#define SOURCES_MAX 50
/* Of a collection, and of a document's id. */
#define NAME_BYTES_MAX 128
#define EXCERPT_BYTES_MAX 160
#define WORDS_OF_SOURCE 20
#define ANSWER_BYTES_MAX (64 * 1024)
#define ANSWER_WORDS_MAX 2000

static void refuse_field(const struct exchange *exchange, const char *message)
{
    exchange_refuse(exchange, (struct exchange_error){.status = 422}, "%s", message);
}

/* Answers that the vector store did not, if the options have it so this time. */
static bool is_timed_out(struct exchange *exchange, struct rng *rng)
{
    const struct simulator_options *options = exchange->simulator->options;

    if (rng_unit(rng) >= options->vector_timeout_rate)
        return false;
    exchange->simulator->counts.refused++;
    exchange->due_ns = exchange->now_ns + options->vector_timeout_ns;
    exchange_answer_json(
        exchange, options->vector_timeout_status,
        json_pack("{s:s, s:s, s:s, s:I}", "detail", "the vector store timed out", "error",
                  "vector_store_timeout", "component", "vector_store", "timeout_ms",
                  (json_int_t)(options->vector_timeout_ns / NS_PER_MS)));
    return true;
}

/* A collection, made where it is new. Borrowed; NULL: no memory. */
static json_t *collection_of(struct simulator *simulator, const char *name)
{
    json_t *collections = simulator->rag_collections;
    json_t *collection;

    if (!collections)
        collections = simulator->rag_collections = json_object();
    collection = json_object_get(collections, name);
    if (!collection && shelf_put(collections, COLLECTIONS_MAX, name,
                                 json_pack("{s:i, s:{}}", "count", 0, "documents")) == 0)
        collection = json_object_get(collections, name);
    return collection;
}

/* The collection that a body names, as its key; what names none is refused here. */
static const char *collection_named(const struct exchange *exchange, const json_t *root)
{
    const char *name = json_string_value(json_object_get(root, "collection"));

    if (!json_is_object(root))
        exchange_refuse(exchange, (struct exchange_error){.status = 400},
                        "the body is no JSON object");
    else if (!name || !name[0] || strlen(name) > NAME_BYTES_MAX)
        refuse_field(exchange, "collection: a name of 1 to 128 bytes is required");
    else
        return name;
    return NULL;
}

/* --- POST /index --- */

/* Keeps the beginning of a document. Returns false where it is none. */
static bool keep_document(json_t *collection, const json_t *document)
{
    const json_int_t number =
        json_integer_value(json_object_get(collection, "count")) + 1;
    const json_t *text =
        json_is_object(document) ? json_object_get(document, "text") : document;
    const char *given = json_string_value(json_object_get(document, "id"));
    char id[32];
    size_t len = json_string_length(text);

    if (!json_is_string(text) || (given && strlen(given) > NAME_BYTES_MAX))
        return false;
    (void)snprintf(id, sizeof(id), "doc-%" JSON_INTEGER_FORMAT, number);
    /* A character that does not fit is left out whole. */
    while (len > EXCERPT_BYTES_MAX ||
           (len > 0 && (json_string_value(text)[len] & 0xc0) == 0x80))
        len = len > EXCERPT_BYTES_MAX ? EXCERPT_BYTES_MAX : len - 1;
    (void)json_object_set_new(collection, "count", json_integer(number));
    return shelf_put(json_object_get(collection, "documents"), DOCUMENTS_MAX,
                     given ? given : id,
                     json_pack("{s:s, s:s%}", "id", given ? given : id, "text",
                               json_string_value(text), len)) == 0;
}

static void index_documents(struct exchange *exchange, const char *name,
                            const json_t *documents)
{
    json_t *collection = collection_of(exchange->simulator, name);
    size_t i;
    const json_t *document;

    json_array_foreach(documents, i, document)
    {
        if (!keep_document(collection, document)) {
            refuse_field(exchange,
                         "documents: each must be a text, or an object with text "
                         "and an id of 128 bytes at most");
            return;
        }
    }
    exchange_answer_json(exchange, 200,
                         json_pack("{s:s, s:I, s:O*}", "collection", name, "indexed",
                                   (json_int_t)json_array_size(documents), "total",
                                   json_object_get(collection, "count")));
}

void rag_index(struct exchange *exchange)
{
    json_t *root = asked_parse(exchange);
    const char *name = collection_named(exchange, root);
    const json_t *documents = json_object_get(root, "documents");
    struct rng rng;

    rng_init(&rng, exchange->simulator->options->seed, exchange->number, STREAM_RAG,
             RNG_SIMULATOR);
    if (name && (json_array_size(documents) == 0 ||
                 json_array_size(documents) > DOCUMENTS_PER_REQUEST_MAX))
        refuse_field(exchange, "documents: a list of 1 to 1000 is required");
    else if (name && !is_timed_out(exchange, &rng))
        index_documents(exchange, name, documents);
    json_decref(root);
}

/* --- POST /query --- */

static void make_up(struct rng *rng, uint64_t words, struct buf *out)
{
    for (uint64_t i = 0; i < words; i++)
        buf_printf(out, "%s%s", i > 0 ? " " : "", lexicon_draw(rng));
}

/* A source that nobody indexed. */
static json_t *made_up_source(struct rng *rng, size_t number)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(4096);
    char id[32];

    (void)snprintf(id, sizeof(id), "made-up-%zu", number);
    make_up(rng, WORDS_OF_SOURCE, &text);
    return json_pack("{s:s, s:s}", "id", id, "text", buf_str(&text));
}

/* The sources of an answer, the best first. NULL: no memory. */
static json_t *sources_of(json_t *collection, struct rng *rng, size_t count)
{
    json_t *sources = shelf_page(json_object_get(collection, "documents"), 0, count);
    size_t i;
    json_t *source;

    while (sources && json_array_size(sources) < count) {
        if (json_array_append_new(sources,
                                  made_up_source(rng, json_array_size(sources))) < 0) {
            json_decref(sources);
            return NULL;
        }
    }
    json_array_foreach(sources, i, source)
    {
        json_t *scored = json_copy(source);

        (void)json_object_set_new(scored, "score",
                                  json_real(1 - (double)i / (double)(count + 1)));
        (void)json_array_set_new(sources, i, scored);
    }
    return sources;
}

static double ms_of(uint64_t time_ns)
{
    return (double)time_ns / (double)NS_PER_MS;
}

/* How the time of the answer is spent: embedding, searching, and most of it answering. */
static json_t *timings_of(const struct exchange *exchange)
{
    const uint64_t total_ns = exchange->due_ns - exchange->now_ns;
    const uint64_t embed_ns = total_ns / 20;
    const uint64_t search_ns = total_ns / 5;

    return json_pack("{s:f, s:f, s:f, s:f}", "embed_ms", ms_of(embed_ns), "search_ms",
                     ms_of(search_ns), "generate_ms",
                     ms_of(total_ns - embed_ns - search_ns), "total_ms", ms_of(total_ns));
}

static void answer_query(struct exchange *exchange, const char *name, size_t top_k,
                         struct rng *rng)
{
    const struct simulator_options *options = exchange->simulator->options;
    const uint64_t words = distribution_draw_count(&options->tokens, rng);
    CLEANUP(buf_deinit) struct buf answer = BUF_INIT(ANSWER_BYTES_MAX);
    json_t *collection = collection_of(exchange->simulator, name);

    make_up(rng, words < ANSWER_WORDS_MAX ? words + 1 : ANSWER_WORDS_MAX, &answer);
    exchange_answer_json(exchange, 200,
                         json_pack("{s:s, s:s, s:o, s:o}", "collection", name, "answer",
                                   buf_str(&answer), "sources",
                                   sources_of(collection, rng, top_k), "timings",
                                   timings_of(exchange)));
}

void rag_query(struct exchange *exchange)
{
    json_t *root = asked_parse(exchange);
    const char *name = collection_named(exchange, root);
    const json_t *query = json_object_get(root, "query");
    uint64_t top_k = SOURCES_BY_DEFAULT;
    struct rng rng;

    rng_init(&rng, exchange->simulator->options->seed, exchange->number, STREAM_RAG,
             RNG_SIMULATOR);
    if (name && json_string_length(query) == 0)
        refuse_field(exchange, "query: a text is required");
    else if (name && (asked_read_count(json_object_get(root, "top_k"), 1, &top_k) < 0 ||
                      top_k > SOURCES_MAX))
        refuse_field(exchange, "top_k: a whole number from 1 to 50 is required");
    else if (name && !is_timed_out(exchange, &rng))
        answer_query(exchange, name, top_k, &rng);
    json_decref(root);
}
