// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace eigenquant {

/// A token that is looked for in the text itself, before anything else is done with it.
struct AddedToken {
    std::int32_t id = 0;
    std::string content;
    bool special = false;    ///< a control token; only decoders that leave those out care
    bool singleWord = false; ///< not next to a word character
    bool leftStrip = false;  ///< takes the white space before it along
    bool rightStrip = false; ///< takes the white space behind it along
    bool normalized = true;  ///< looked for in the normalized text, else in the text as given
};

/// Cuts a text at the added tokens written in it: from the left, at every place the longest.
class AddedTokenSplitter {
public:
    /// `tokens[i].content` is what is looked for: already normalized where that is wanted.
    explicit AddedTokenSplitter(std::vector<AddedToken> tokens);

    /// Calls onPart(part, id) for every part in turn; id is -1 for text between tokens, which is not empty.
    template <typename OnPart> void split(std::string_view text, OnPart&& onPart) const
    {
        std::size_t done = 0;
        for (std::size_t from = 0; from < text.size();) {
            Match match = find(text, from);
            if (!match.token)
                break;
            from = match.end;
            if (!widen(text, done, match))
                continue;
            if (done < match.begin)
                onPart(text.substr(done, match.begin - done), -1);
            onPart(text.substr(match.begin, match.end - match.begin), match.token->id);
            done = match.end;
        }
        if (done < text.size())
            onPart(text.substr(done), -1);
    }

private:
    struct Match {
        const AddedToken* token = nullptr;
        std::size_t begin = 0, end = 0;
    };

    void insert(std::size_t tokenIndex);
    Match find(std::string_view text, std::size_t from) const;
    Match longestAt(std::string_view text, std::size_t begin) const;
    /// Applies single_word (false: not a match) and the strips.
    static bool widen(std::string_view text, std::size_t done, Match& match);

    std::vector<AddedToken> m_tokens;
    /// A trie over bytes: (node << 8 | byte) to node. Node 0 is the root.
    std::unordered_map<std::uint64_t, std::uint32_t> m_children;
    std::vector<std::int64_t> m_tokenAtNode; ///< -1: none ends here
    std::array<bool, 256> m_begins{};        ///< bytes that some token begins with
};

} // namespace eigenquant
