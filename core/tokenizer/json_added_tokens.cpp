// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/tokenizer/json_parts.h"

#include <algorithm>
#include <unordered_map>

namespace eigenquant {

std::vector<AddedToken> readAddedTokens(const JsonObject& root, const Vocabulary& vocabulary)
{
    std::vector<AddedToken> tokens;
    if (!root.has("added_tokens"))
        return tokens;
    std::unordered_map<std::int32_t, std::string> seen;
    for (const JsonObject& entry : readObjects(root, "added_tokens")) {
        AddedToken token{.id = static_cast<std::int32_t>(entry.getInteger("id", 0, Vocabulary::kMaxId)),
                         .content = entry.getString("content"),
                         .special = entry.getBoolOr("special", false),
                         .singleWord = entry.getBoolOr("single_word", false),
                         .leftStrip = entry.getBoolOr("lstrip", false),
                         .rightStrip = entry.getBoolOr("rstrip", false)};
        token.normalized = entry.getBoolOr("normalized", !token.special);
        const std::int32_t known = vocabulary.find(token.content);
        const bool isTaken = vocabulary.has(token.id) && vocabulary.text(token.id) != token.content;
        if ((known >= 0 && known != token.id) || isTaken || !seen.emplace(token.id, token.content).second)
            throw Error::invalid("an added token has an id that the vocabulary gives to another token")
                .file(entry.source().string()).field(entry.fieldName("id"))
                .found(std::to_string(token.id) + " for " + printable(token.content));
        tokens.push_back(std::move(token));
    }
    return tokens;
}

} // namespace eigenquant
