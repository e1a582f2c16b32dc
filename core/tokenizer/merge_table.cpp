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
        const auto best =
            std::min_element(pairs.begin(), pairs.begin() + static_cast<std::ptrdiff_t>(size) - 1, byRank);
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

/// Places of one rank, taken out from left to right. What is taken out of a long list is given back block by block.
class Places {
public:
    void add(std::uint32_t place)
    {
        m_isSorted = m_isSorted && (isEmpty() || m_last < place);
        m_last = place;
        std::vector<std::uint32_t>* block = m_later.empty() ? &m_block : &m_later.back();
        if (block->size() == kBlock) {
            block = &m_later.emplace_back();
            block->reserve(kBlock);
        }
        block->push_back(place);
    }

    /// Of places that are not empty.
    std::uint32_t take()
    {
        if (!m_isSorted)
            sort();
        const std::uint32_t place = m_block[m_done++];
        if (m_done == m_block.size() && !m_later.empty())
            toNextBlock();
        return place;
    }

    bool isEmpty() const { return m_done == m_block.size(); }

private:
    static constexpr std::size_t kBlock = 1 << 16;

    void toNextBlock()
    {
        m_block = std::move(m_later[m_nextLater++]);
        m_done = 0;
        if (m_nextLater == m_later.size()) {
            m_later.clear();
            m_nextLater = 0;
        }
    }

    void sort()
    {
        m_block.erase(m_block.begin(), m_block.begin() + static_cast<std::ptrdiff_t>(m_done));
        for (; m_nextLater < m_later.size(); ++m_nextLater) {
            const auto block = std::move(m_later[m_nextLater]);
            m_block.insert(m_block.end(), block.begin(), block.end());
        }
        m_later.clear();
        m_nextLater = m_done = 0;
        std::sort(m_block.begin(), m_block.end());
        m_last = m_block.back();
        m_isSorted = true;
    }

    std::vector<std::uint32_t> m_block;              ///< is taken from
    std::vector<std::vector<std::uint32_t>> m_later; ///< what comes behind it, from m_nextLater on
    std::size_t m_done = 0, m_nextLater = 0;
    std::uint32_t m_last = 0; ///< that was added
    bool m_isSorted = true;
};

/// The places where a merge may be done, by rank and then from left to right. One list for each rank
/// instead of one heap of all places: a word of 50 million equal letters is walked through, not sorted.
class MergeAgenda {
public:
    void add(std::uint32_t rank, std::uint32_t place) { m_byRank[rank].add(place); }

    bool next(std::uint32_t& rank, std::uint32_t& place)
    {
        if (m_byRank.empty())
            return false;
        rank = m_byRank.begin()->first;
        place = m_byRank.begin()->second.take();
        if (m_byRank.begin()->second.isEmpty())
            m_byRank.erase(m_byRank.begin());
        return true;
    }

private:
    std::map<std::uint32_t, Places> m_byRank;
};

/// A long word, merged in place. A token stays where its first symbol was; the cells behind it, as many as it has taken
/// in, are negative, and the first and the last of those tell how long all of it is. So neighbours are found in both
/// directions with four bytes a symbol.
class LongWord {
public:
    LongWord(std::vector<std::int32_t>& symbols, const MergeTable& merges) : m_cells(symbols), m_merges(merges)
    {
        if (symbols.size() >= static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
            throw Error::resources("a word of the text is too long to be encoded")
                .expected("fewer than 2147483647 bytes without a place to split");
        m_size = static_cast<std::uint32_t>(symbols.size());
        for (std::uint32_t i = 0; i + 1 < m_size; ++i)
            consider(i, i + 1);
    }

    void run()
    {
        std::uint32_t rank = 0, place = 0;
        while (m_agenda.next(rank, place)) {
            // Since it was put down, either symbol of the pair may have been merged with another.
            const std::uint32_t right = m_cells[place] < 0 ? m_size : next(place);
            if (right == m_size)
                continue;
            const Merge merge = m_merges.find(m_cells[place], m_cells[right]);
            if (merge.rank == rank)
                mergeAt(place, right, merge);
        }
        std::erase_if(m_cells, [](std::int32_t cell) { return cell < 0; });
    }

private:
    /// Where the next token begins; m_size behind the last.
    std::uint32_t next(std::uint32_t place) const
    {
        const std::int32_t cell = place + 1 < m_size ? m_cells[place + 1] : 0;
        return cell < 0 ? place + static_cast<std::uint32_t>(-cell) : place + 1;
    }

    void consider(std::uint32_t left, std::uint32_t right)
    {
        const Merge merge = m_merges.find(m_cells[left], m_cells[right]);
        if (merge.rank != Merge::kNever)
            m_agenda.add(merge.rank, left);
    }

    void mergeAt(std::uint32_t left, std::uint32_t right, const Merge& merge)
    {
        const std::uint32_t end = next(right);
        m_cells[left] = merge.id;
        m_cells[right] = -1;
        m_cells[left + 1] = m_cells[end - 1] = -static_cast<std::int32_t>(end - left);
        if (left > 0)
            consider(m_cells[left - 1] < 0 ? left - static_cast<std::uint32_t>(-m_cells[left - 1]) : left - 1, left);
        if (end < m_size && !isAboutToMerge(left, end, merge.rank))
            consider(left, end);
    }

    /// Whether the token at `right` is merged with the one behind it before it could be with the one at `left`,
    /// which is then considered again. Without this, half of what a word of equal letters puts down would be in
    /// vain.
    bool isAboutToMerge(std::uint32_t left, std::uint32_t right, std::uint32_t rank) const
    {
        const std::uint32_t behind = next(right);
        return behind < m_size && m_merges.find(m_cells[right], m_cells[behind]).rank == rank &&
               m_merges.find(m_cells[left], m_cells[right]).rank > rank;
    }

    std::vector<std::int32_t>& m_cells;
    const MergeTable& m_merges;
    std::uint32_t m_size = 0;
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
