// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/bpe_builder.h"

#include "core/base/error.h"
#include "core/io/printable.h"

namespace eigenquant {

MergeTableBuilder::MergeTableBuilder(const Vocabulary& vocabulary, std::size_t count, std::filesystem::path file,
                                     std::string field, std::string prefix)
    : m_vocabulary(vocabulary), m_merges(count), m_file(std::move(file)), m_field(std::move(field)),
      m_prefix(std::move(prefix))
{
}

std::string MergeTableBuilder::place() const
{
    return m_field + "[" + std::to_string(m_rank) + "]";
}

std::int32_t MergeTableBuilder::idOf(std::string_view token) const
{
    const std::int32_t id = m_vocabulary.find(token);
    if (id < 0)
        throw Error::invalid("a merge names a token that is not in the vocabulary")
            .file(m_file.string()).field(place()).found(printable(token));
    return id;
}

void MergeTableBuilder::add(std::string_view left, std::string_view right)
{
    if (!right.starts_with(m_prefix))
        throw Error::invalid("the right half of a merge does not begin as tokens inside a word do")
            .file(m_file.string()).field(place()).found(printable(right)).expected(printable(m_prefix) + "…");
    m_joined.assign(left).append(right.substr(m_prefix.size()));
    m_merges.set(idOf(left), idOf(right), {m_rank, idOf(m_joined)});
    ++m_rank;
}

void MergeTableBuilder::add(std::string_view pair)
{
    const std::size_t space = pair.find(' ');
    if (space == std::string_view::npos || pair.find(' ', space + 1) != std::string_view::npos)
        throw Error::invalid("a merge is not two tokens with a space between")
            .file(m_file.string()).field(place()).found(printable(pair));
    add(pair.substr(0, space), pair.substr(space + 1));
}

} // namespace eigenquant
