// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/merge_table.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>

namespace eigenquant {

MergeTable::MergeTable(std::size_t count)
    : m_slots(std::bit_ceil(std::max<std::size_t>(count * 2, 16))), m_shift(64 - std::countr_zero(m_slots.size()))
{
}

void MergeTable::set(std::int32_t left, std::int32_t right, Merge merge)
{
    const std::uint64_t wanted = key(left, right);
    m_slots[slotOf(wanted)] = {wanted, merge};
}

namespace {

/// Up to this many symbols, looking at all pairs again for every merge is the fastest.
constexpr std::size_t kShortWord = 48;

void mergeShort(std::vector<std::int32_t>& symbols, const MergeTable& merges)
{
    std::array<Merge, kShortWord> pairs;
    std::size_t size = symbols.size();
    for (std::size_t i = 0; i + 1 < size; ++i)
        pairs[i] = merges.find(symbols[i], symbols[i + 1]);
    while (size > 1) {
        const auto byRank = [](const Merge& a, const Merge& b) { return a.rank < b.rank; };
        const auto best = std::min_element(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(size) - 1, byRank);
        if (best->rank == Merge::kNever)
            break;
        const auto at = static_cast<std::size_t>(best - pairs.begin());
        symbols[at] = best->id;
        std::copy(symbols.data() + at + 2, symbols.data() + size, symbols.data() + at + 1);
        std::copy(pairs.data() + at + 1, pairs.data() + size - 1, pairs.data() + at);
        --size;
        if (at > 0)
            pairs[at - 1] = merges.find(symbols[at - 1], symbols[at]);
        if (at + 1 < size)
            pairs[at] = merges.find(symbols[at], symbols[at + 1]);
    }
    symbols.resize(size);
}

/// The places where a merge may be done, by rank and then from left to right. One list for each rank
/// instead of one heap of all places: a word of 50 million equal letters is walked through, not sorted.
class MergeAgenda {
public:
    void add(std::uint32_t rank, std::uint32_t place)
    {
        Places& places = m_byRank[rank];
        places.isSorted = places.isSorted && (places.list.empty() || places.list.back() < place);
        places.list.push_back(place);
    }

    bool next(std::uint32_t& rank, std::uint32_t& place)
    {
        if (m_byRank.empty())
            return false;
        Places& places = m_byRank.begin()->second;
        if (!places.isSorted)
            std::sort(places.list.begin() + static_cast<std::ptrdiff_t>(places.done), places.list.end());
        places.isSorted = true;
        rank = m_byRank.begin()->first;
        place = places.list[places.done++];
        if (places.done == places.list.size())
            m_byRank.erase(m_byRank.begin());
        return true;
    }

private:
    struct Places {
        std::vector<std::uint32_t> list;
        std::size_t done = 0;
        bool isSorted = true;
    };
    std::map<std::uint32_t, Places> m_byRank;
};

/// The symbols as a doubly linked list, so that a merge anywhere costs the same.
class LongWord {
public:
    LongWord(std::vector<std::int32_t>& symbols, const MergeTable& merges) : m_symbols(symbols), m_merges(merges)
    {
        if (symbols.size() >= kEnd)
            throw Error::resources("a word of the text is too long to be encoded")
                .expected("fewer than 4294967295 bytes without a place to split");
        const auto size = static_cast<std::uint32_t>(symbols.size());
        m_next.resize(size);
        m_previous.resize(size);
        for (std::uint32_t i = 0; i < size; ++i) {
            m_next[i] = i + 1 < size ? i + 1 : kEnd;
            m_previous[i] = i > 0 ? i - 1 : kEnd;
        }
        for (std::uint32_t i = 0; i < size; ++i)
            consider(i);
    }

    void run()
    {
        std::uint32_t rank = 0, place = 0;
        while (m_agenda.next(rank, place)) {
            // Since it was put down, either symbol of the pair may have been merged with another.
            if (m_symbols[place] < 0 || m_next[place] == kEnd)
                continue;
            const Merge merge = m_merges.find(m_symbols[place], m_symbols[m_next[place]]);
            if (merge.rank == rank)
                mergeAt(place, merge.id);
        }
        std::erase(m_symbols, -1);
    }

private:
    static constexpr std::uint32_t kEnd = std::numeric_limits<std::uint32_t>::max();

    void consider(std::uint32_t place)
    {
        if (place == kEnd || m_next[place] == kEnd)
            return;
        const Merge merge = m_merges.find(m_symbols[place], m_symbols[m_next[place]]);
        if (merge.rank != Merge::kNever)
            m_agenda.add(merge.rank, place);
    }

    void mergeAt(std::uint32_t place, std::int32_t id)
    {
        const std::uint32_t gone = m_next[place];
        m_symbols[place] = id;
        m_symbols[gone] = -1;
        m_next[place] = m_next[gone];
        if (m_next[place] != kEnd)
            m_previous[m_next[place]] = place;
        consider(m_previous[place]);
        consider(place);
    }

    std::vector<std::int32_t>& m_symbols;
    const MergeTable& m_merges;
    std::vector<std::uint32_t> m_next, m_previous;
    MergeAgenda m_agenda;
};

} // namespace

void mergeSymbols(std::vector<std::int32_t>& symbols, const MergeTable& merges)
{
    if (symbols.size() <= kShortWord)
        mergeShort(symbols, merges);
    else
        LongWord(symbols, merges).run();
}

} // namespace eigenquant
