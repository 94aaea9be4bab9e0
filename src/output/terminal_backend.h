/*
 * The rows of a finished run about the servers behind the target: what each told, and Little's law. Nothing
 * where nobody was asked.
 */
#pragma once

struct page;

/* Writes them. */
void terminal_backend(struct page *page);
