/*
 * How the parts of the platform say that something went wrong: the form of an error's body. Pure.
 */
#pragma once

struct buf;
struct exchange_error;
struct generation;

enum voice {
    VOICE_OPENAI,    /* {"error":{"message","type","param","code"}} */
    VOICE_ANTHROPIC, /* {"type":"error","error":{"type","message"}} */
    VOICE_JSON_RPC,  /* {"jsonrpc":"2.0","error":{"code","message"},"id":null} */
    VOICE_PLAIN      /* {"detail"} */
};

void voice_write_error(enum voice voice, const struct exchange_error *error,
                       const char *message, struct buf *out);

/* What the server says when it is to blame. */
#define VOICE_SERVER_ERROR                                                               \
    "The server had an error while processing your request. Sorry about that!"

/* An event of an OpenAI stream with VOICE_SERVER_ERROR: a generation_format's write_error. */
void voice_write_failure(struct generation *generation, struct buf *out);
