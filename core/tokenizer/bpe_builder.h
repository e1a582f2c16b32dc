// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tokenizer/merge_table.h"
#include "core/tokenizer/vocabulary.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace eigenquant {

/// Fills a MergeTable from the spellings of its merges and refuses those that the vocabulary belies.
class MergeTableBuilder {
public:
    /// `field` is the name of the list of merges in messages; `prefix` is spelt before tokens that continue a word,
    /// and not spelt where such a token is joined to another.
    MergeTableBuilder(const Vocabulary& vocabulary, std::size_t count, std::filesystem::path file, std::string field,
                      std::string prefix = {});

    /// The next merge. Throws Error::invalid where left, right or both together are no tokens.
    void add(std::string_view left, std::string_view right);
    /// The next merge, written with one space between the two.
    void add(std::string_view pair);

    MergeTable take() { return std::move(m_merges); }

private:
    std::int32_t idOf(std::string_view token) const;
    std::string place() const;

    const Vocabulary& m_vocabulary;
    MergeTable m_merges;
    std::filesystem::path m_file;
    std::string m_field, m_prefix;
    std::uint32_t m_rank = 0;
    std::string m_joined;
};

} // namespace eigenquant
