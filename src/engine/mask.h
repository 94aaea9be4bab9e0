/*
 * Masks: stars over the secrets of an attempt in a text that people will see, whatever the server
 * echoed. Known are the keys, the values of all headers that may hold one, and what a step sends in
 * its query or body under a name such as "password"; of others only the name tells.
 */
#pragma once

struct attempt;

/*
 * Stars over each place where something stands that this attempt keeps secret, and over the beginning
 * of it at the text's end, where the rest may have been cut off.
 */
void mask_secrets(const struct attempt *attempt, char *text);

/* Stars over the string values of JSON members that are named like secrets: "password", "api_key". */
void mask_members(char *text);
