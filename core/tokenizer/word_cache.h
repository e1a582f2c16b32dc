// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The ids of words met before: ordinary text repeats itself. Bounded; once full it takes no more.
class WordCache {
public:
    /// Appends the ids of the word and returns true if it is known.
    bool find(std::string_view word, std::vector<std::int32_t>& ids) const;
    void add(std::string_view word, const std::vector<std::int32_t>& ids);

private:
    struct Entry {
        std::uint64_t hash = 0;
        std::uint32_t word = 0, ids = 0; ///< where they begin in the arenas
        std::uint16_t length = 0;        ///< of the word; 0: free
        std::uint16_t count = 0;         ///< of the ids
    };

    std::size_t slotOf(std::string_view word, std::uint64_t hash) const;
    void grow();

    std::vector<Entry> m_entries;
    std::size_t m_used = 0;
    std::string m_words;
    std::vector<std::int32_t> m_ids;
};

} // namespace eigenquant
