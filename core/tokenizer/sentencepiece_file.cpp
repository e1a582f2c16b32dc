// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/sentencepiece_file.h"

#include "core/base/error.h"
#include "core/io/text_file.h"

#include <bit>
#include <optional>

namespace eigenquant {

namespace {

/// One field of a serialized protocol buffer.
struct Field {
    std::uint64_t number = 0;
    std::uint64_t integer = 0;     ///< of a varint, or the bits of a fixed-size value
    std::string_view bytes;        ///< of a string or message
    bool hasBytes = false;
};

/// Walks over the fields of a message (https://protobuf.dev/programming-guides/encoding).
class Fields {
public:
    Fields(std::string_view message, const std::filesystem::path& file, std::string where)
        : m_message(message), m_file(file), m_where(std::move(where))
    {
    }

    bool next(Field& field)
    {
        if (m_at == m_message.size())
            return false;
        const std::uint64_t key = varint();
        field = {.number = key >> 3};
        switch (key & 7) {
        case 0: field.integer = varint(); break;
        case 1: field.integer = fixed(8); break;
        case 2: field.bytes = take(varint()); field.hasBytes = true; break;
        case 5: field.integer = fixed(4); break;
        default: refuse("a field of the kind " + std::to_string(key & 7));
        }
        return true;
    }

    [[noreturn]] void refuse(std::string found) const
    {
        throw Error::invalid("the SentencePiece model is damaged")
            .file(m_file.string())
            .field(m_where)
            .found(std::move(found) + " before byte " + std::to_string(m_at) + " of " +
                   std::to_string(m_message.size()));
    }

private:
    std::uint64_t varint()
    {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1)[0]);
            value |= std::uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80)
                return value;
        }
        refuse("a number of more than 64 bits");
    }

    std::uint64_t fixed(std::size_t size)
    {
        const std::string_view bytes = take(size);
        std::uint64_t value = 0;
        for (std::size_t i = size; i-- > 0;)
            value = value << 8 | static_cast<unsigned char>(bytes[i]);
        return value;
    }

    std::string_view take(std::uint64_t size)
    {
        if (size > m_message.size() - m_at)
            refuse("a length of " + std::to_string(size) + " that goes past the end");
        const std::string_view bytes = m_message.substr(m_at, size);
        m_at += size;
        return bytes;
    }

    std::string_view m_message;
    const std::filesystem::path& m_file;
    std::string m_where;
    std::size_t m_at = 0;
};

class ModelReader {
public:
    explicit ModelReader(std::filesystem::path file)
    {
        m_pieces.file = std::move(file);
        m_pieces.field = "pieces";
    }

    SentencePieces read(std::string_view bytes)
    {
        Fields fields(bytes, m_pieces.file, "(the model)");
        for (Field field; fields.next(field);) {
            if (!field.hasBytes)
                continue;
            if (field.number == 1)
                readPiece(field.bytes);
            else if (field.number == 2)
                readTrainer(field.bytes);
            else if (field.number == 3)
                readNormalizer(field.bytes);
            else if (field.number == 5)
                readDenormalizer(field.bytes);
        }
        if (m_kind != 1 && m_kind != 2)
            throw Error::unsupported("this SentencePiece model is of a kind that is not known here")
                .file(m_pieces.file.string()).field("trainer_spec.model_type").found(std::to_string(m_kind))
                .expected("1 (unigram) or 2 (byte-pair encoding)");
        m_pieces.isUnigram = m_kind == 1;
        return std::move(m_pieces);
    }

private:
    void readPiece(std::string_view message)
    {
        const std::string where = "pieces[" + std::to_string(m_pieces.entries.size()) + "]";
        Fields fields(message, m_pieces.file, where);
        SentencePieces::Entry entry;
        for (Field field; fields.next(field);) {
            if (field.number == 1 && field.hasBytes) {
                entry.text = field.bytes;
            } else if (field.number == 2) {
                entry.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.integer));
            } else if (field.number == 3) {
                if (field.integer < 1 || field.integer > 6)
                    fields.refuse("the type " + std::to_string(field.integer));
                entry.type = static_cast<PieceType>(field.integer);
            }
        }
        m_pieces.entries.push_back(std::move(entry));
    }

    void readTrainer(std::string_view message)
    {
        Fields fields(message, m_pieces.file, "trainer_spec");
        for (Field field; fields.next(field);) {
            if (field.number == 3)
                m_kind = field.integer;
            else if (field.number == 24)
                m_pieces.normalizer.isPrefixASuffix = field.integer != 0;
            else if (field.number == 35)
                m_pieces.byteFallback = field.integer != 0;
        }
    }

    void readNormalizer(std::string_view message)
    {
        Fields fields(message, m_pieces.file, "normalizer_spec");
        for (Field field; fields.next(field);) {
            if (field.number == 2 && field.hasBytes)
                m_pieces.characterMap = field.bytes;
            else if (field.number == 3)
                m_pieces.normalizer.addsDummyPrefix = field.integer != 0;
            else if (field.number == 4)
                m_pieces.normalizer.removesExtraSpaces = field.integer != 0;
            else if (field.number == 5)
                m_pieces.normalizer.escapesSpaces = field.integer != 0;
        }
    }

    void readDenormalizer(std::string_view message) const
    {
        Fields fields(message, m_pieces.file, "denormalizer_spec");
        for (Field field; fields.next(field);)
            if (field.number == 2 && !field.bytes.empty())
                throw Error::unsupported("this SentencePiece model replaces characters on the way back to text")
                    .file(m_pieces.file.string()).field("denormalizer_spec.precompiled_charsmap")
                    .found(std::to_string(field.bytes.size()) + " bytes").expected("none");
    }

    SentencePieces m_pieces;
    std::uint64_t m_kind = 1;
};

/// tiktoken writes a line for each token: base64, a space and the rank.
bool isTiktoken(std::string_view content)
{
    const std::string_view line = content.substr(0, content.find('\n'));
    const std::size_t space = line.find(' ');
    return space != std::string_view::npos && space > 0 && space + 1 < line.size() &&
           line.find_first_not_of("0123456789\r", space + 1) == std::string_view::npos &&
           bytesOfBase64(line.substr(0, space)).has_value();
}

} // namespace

SentencePieces readSentencePieceFile(const std::filesystem::path& file)
{
    const std::string content = readFile(file);
    const auto refuse = [&](const char* found) {
        throw Error::unsupported("this tokenizer.model is no SentencePiece model").file(file.string()).found(found)
            .expected("a SentencePiece model").hint("put the model's tokenizer.json beside it");
    };
    if (isTiktoken(content))
        refuse("the ranks of tiktoken, as text");
    if (content.starts_with("version https://git-lfs"))
        refuse("a Git LFS pointer instead of the file");
    // The first field of a model is its first piece; nothing else that is met in a model folder begins like this.
    if (!content.starts_with('\n'))
        refuse(content.empty() ? "an empty file" : content.starts_with('{') ? "JSON" : "something else");
    return ModelReader(file).read(content);
}

} // namespace eigenquant
