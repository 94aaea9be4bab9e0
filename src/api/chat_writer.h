/*
 * The body of a chat-completions request (OpenAI API reference, "Create chat completion").
 */
#pragma once

struct api_chat;
struct buf;

/* As api_dialect.write_chat. */
int chat_write(const struct api_chat *chat, struct buf *body);
