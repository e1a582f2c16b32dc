// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// Tokens and their ids, both ways. Ids may have gaps.
class Vocabulary {
public:
    /// Larger ids are taken for a damaged file.
    static constexpr std::int64_t kMaxId = (1 << 24) - 1;

    /// Room for this many tokens.
    explicit Vocabulary(std::size_t count);

    /// False if the id or the text is taken already. The id lies in [0, kMaxId].
    bool add(std::int32_t id, std::string_view text);
    /// The id of a token, or -1.
    std::int32_t find(std::string_view text) const;
    bool has(std::int64_t id) const;
    /// The text of an id that has() one.
    std::string_view text(std::int32_t id) const;
    /// One more than the largest id.
    int size() const { return static_cast<int>(m_tokens.size()); }

private:
    struct Token {
        std::uint64_t offset = 0;
        std::int64_t length = -1; ///< -1: no token has this id
    };

    std::size_t slotOf(std::string_view text) const;
    void grow();

    std::string m_arena; ///< the texts, one behind the other
    std::vector<Token> m_tokens;
    std::vector<std::int32_t> m_slots; ///< open addressing by the hash of the text; -1: free
    std::size_t m_count = 0;
};

} // namespace eigenquant
