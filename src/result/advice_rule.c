#include "result/advice_rule.h"

#include "base/cleanup.h"

static const struct advice_rule rules[] = {
    {"client_late", ADVICE_MEASUREMENT, "client",
     "throng itself was late, so that part of these latencies is its own",
     "Run it on a machine with more CPU to itself, with fewer users, or on several "
     "machines, before anything is concluded about the server.",
     "the trust grade is C, D or F; its reasons are the evidence", 100, false,
     advice_client_late},
    {"people_short", ADVICE_MEASUREMENT, "arrivals",
     "All who take arrivals were busy, so that arrivals were dropped that the server "
     "never "
     "saw",
     "Raise `arrivals.users`, or read the figures as those of a lower rate.",
     "more than 1% of the arrivals of an open loop were dropped", 95, false,
     advice_people_short},
    {"proxy_buffering", ADVICE_BOTTLENECK, "proxy",
     "a proxy or the server buffers the stream: users wait for whole bunches of chunks",
     "Switch buffering off on the way (nginx: proxy_buffering off; or the header "
     "X-Accel-Buffering: no), and flush each event.",
     "`stream.verdict` is `held_back`", 90, false, advice_held_back},
    {"rate_limited", ADVICE_BOTTLENECK, "rate_limit",
     "a rate limit: requests are refused (429), not slow",
     "Have the limit raised, spread the load over more keys, or lower it; "
     "until then latencies are those of what the limit lets through.",
     "at least 1% of the requests were refused with 429", 92, false, advice_rate_limited},
    {"gpu_throttled", ADVICE_BOTTLENECK, "gpu_throttling",
     "GPUs are slowed down by a limit of power or temperature",
     "Look after cooling and the power limit of those GPUs before anything else is "
     "tuned.",
     "a server told that its GPUs were throttled for at least 5% of the time", 89, false,
     advice_gpu_throttled},
    {"kv_cache", ADVICE_BOTTLENECK, "kv_cache",
     "the KV cache of the servers: requests wait for room in it",
     "Give it more GPU memory, shorten prompts and max_tokens, quantize the cache, or "
     "add "
     "replicas.",
     "on average one request or more, and a tenth of those running, waits, in a quarter "
     "of the run or more, at a server "
     "which preempts requests, or whose cache is 90% full while it has places left",
     88, false, advice_kv_cache},
    {"queue", ADVICE_BOTTLENECK, "queue",
     "the server's queue: requests wait before work on them begins",
     "Add replicas or raise the number of requests served at once; more load only makes "
     "the queue longer.",
     "a server told that on average one request or more, and a tenth of those running, "
     "waits, and somebody does for a quarter of the run; or with twice the users (or "
     "arrivals) ttft doubled, tpot did not grow by "
     "half, and throughput grew less than three quarters as much as the load",
     86, false, advice_queue},
    {"capacity", ADVICE_BOTTLENECK, "capacity", NULL,
     "The levels of the search show where it begins.",
     "a search for capacity found what gave way; the rules on queue, cache, decode and "
     "gateway are silent then",
     87, false, advice_capacity},
    {"gateway", ADVICE_BOTTLENECK, "gateway",
     "something before the servers, such as a gateway or proxy, holds requests",
     "Look at the limits of connections and requests of what stands before the servers.",
     "Little's law: the servers had fewer requests than this client had in flight, "
     "beyond "
     "chance",
     84, false, advice_gateway},
    {"decode", ADVICE_BOTTLENECK, "decode",
     "the making of answers: tokens come slower when more are made at once",
     "Faster or more GPUs, a smaller or quantized model, or speculative decoding; fewer "
     "requests at once where each must be fast.",
     "with twice the users (or arrivals) tpot grew by half or more, and throughput less "
     "than three quarters as much as the load",
     80, true, advice_decode},
    {"vector_store", ADVICE_BOTTLENECK, "vector_store",
     "the vector store: it does not answer in time",
     "Look at its index, its memory and its time-out.",
     "at least 1% of the requests failed with an answer that names a vector store", 85,
     false, advice_vector_store},
    {"database_pool", ADVICE_BOTTLENECK, "database_pool",
     "something that web steps share, such as a pool of database connections",
     "Look at the size of the pool and at what holds its connections.",
     "at least 1% of the requests failed with an answer that names a pool of "
     "connections; or "
     "with twice the load e2e doubled, and three or more steps of kind http, most of the "
     "requests, each wait about equally long beyond their fastest answer",
     83, true, advice_database},
    {"serialised_tools", ADVICE_BOTTLENECK, "tools",
     "tools are called one after the other, whoever asks",
     "Let the tool server work on calls at the same time, or run more of it.",
     "most requests are of kind mcp, and with twice the load e2e grew in proportion (0.6 "
     "or more) while throughput stayed the same (within 30%)",
     82, true, advice_tools},
    {"uneven_backends", ADVICE_BOTTLENECK, "balance",
     "the load is not spread evenly over the backends",
     "Look at how requests are balanced: by connections, as is usual with keep-alive, or "
     "by requests.",
     "the busiest backend of one target got over 1.5 times the mean, beyond chance", 76,
     false, advice_uneven},
    {"slow_backend", ADVICE_BOTTLENECK, "backend", NULL,
     "Compare that machine with the others: its GPUs, its other load, its place in the "
     "network.",
     "of backends with 30 answers or more, the p50 of ttft (else of e2e) of one is twice "
     "that of the fastest, and 50 ms above it; only possible with several models or "
     "steps, and never of several targets",
     75, true, advice_slow_backend},
    {"prompt_length", ADVICE_BOTTLENECK, "prompt_length",
     "prompts are long: the first token waits until they are read",
     "Shorten prompts and history, use a prefix cache, or chunked prefill.",
     "ttft p50 of the longest prompts (by `prompt_size`, 30 answers or more) is twice "
     "that "
     "of the shortest, and 100 ms above it, and grows from size to size; only possible "
     "with several models",
     74, true, advice_prompt_length},
    {"network_loss", ADVICE_BOTTLENECK, "network", "the network loses packets",
     "Look at the way between here and the server before its latencies are judged.",
     "at least 20 TCP segments were sent again, 10 for each 1,000 requests", 73, false,
     advice_network_loss},
    {"network_far", ADVICE_BOTTLENECK, "network",
     "the way to the server: round trips are a good part of the time to the first token",
     "Measure from where users are, or bring them nearer: a region, a proxy that keeps "
     "connections.",
     "the p50 of the round trip is 20 ms or more, and 30% or more of the p50 of ttft "
     "(else "
     "of ttfb)",
     66, true, advice_network_far},
    {"connections", ADVICE_BOTTLENECK, "connections",
     "connections are opened again and again",
     "Let connections be kept (`connections.reuse`, the server's keep-alive), unless "
     "that "
     "is what users do.",
     "less than half of the requests reused a connection, and setting one up took 10 ms "
     "or "
     "more, and 20% or more of ttft (else ttfb), at the median",
     68, true, advice_connections},
    {"output_length", ADVICE_BOTTLENECK, "output_length",
     "answers are long: most of the time goes by while they are made, at a steady rate",
     "Ask for shorter answers (max_tokens, the prompt), or set objectives on ttft and "
     "tpot, "
     "which users of streams feel.",
     "an objective on e2e was missed, 70% of e2e is generation, and tpot did not grow "
     "with "
     "the load",
     70, true, advice_output_length},
    {"cold_start", ADVICE_BOTTLENECK, "cold_start",
     "the server was cold: its first answers were slow though the load was no higher",
     "Warm it up before it is measured (`warm_up`), and keep it warm.",
     "the p50 of ttft (else e2e) of the first three points is twice that behind the "
     "first "
     "quarter of the run, and 100 ms above it, at no higher load, with no more requests "
     "in flight (of an open loop: arrivals)",
     60, true, advice_cold_start},
    {"retries", ADVICE_BOTTLENECK, "retries", "retries are a good part of the load",
     "Look at what is tried again first; back off more, and give up sooner.",
     "at least 10% of the requests are retries", 58, false, advice_retries},
    {"cost_projection", ADVICE_COST, "projection", NULL,
     "These are the prices of the scenario.", "something was paid for", 50, false,
     advice_cost_projection},
    {"cost_model", ADVICE_COST, "model", NULL,
     "Whether its answers are as good is for you to judge.",
     "two models of the run with 30 good answers or more differ by half or more in what "
     "a "
     "good answer costs",
     48, false, advice_cost_model},
    {"cost_caching", ADVICE_COST, "caching", NULL,
     "A prefix that stays the same, first in the prompt, is what caches find.",
     "cached prompt tokens are cheaper, and conversations repeat a tenth more of their "
     "prompts than was cached",
     46, false, advice_cost_caching},
    {"cost_answers", ADVICE_COST, "answer_length", NULL,
     "max_tokens and the prompt decide it.",
     "at least half of the money went for completion tokens", 44, false,
     advice_cost_answers},
    {"cost_missed", ADVICE_COST, "goodput", NULL,
     "What holds the objectives back is worth more than a lower price.",
     "at least 5% of the operations that had objectives missed them", 49, false,
     advice_cost_missed},
};

const struct advice_rule *advice_rule_at(size_t index)
{
    return index < COUNT_OF(rules) ? &rules[index] : NULL;
}
