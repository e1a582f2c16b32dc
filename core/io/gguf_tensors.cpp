// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf_tensors.h"

#include "core/io/printable.h"
#include "core/io/stored_type.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace eigenquant {

namespace {

constexpr std::uint32_t kMaxDims = 4;
constexpr std::uint64_t kMaxNameBytes = 64;

/// A tensor type by the number that the format gives it.
struct NumberedType {
    std::uint32_t number;
    StoredType type;
};
constexpr std::array<NumberedType, 16> kReadable{{{0, StoredType::F32},
                                                  {1, StoredType::F16},
                                                  {2, StoredType::Q4_0},
                                                  {3, StoredType::Q4_1},
                                                  {6, StoredType::Q5_0},
                                                  {7, StoredType::Q5_1},
                                                  {8, StoredType::Q8_0},
                                                  {10, StoredType::Q2_K},
                                                  {11, StoredType::Q3_K},
                                                  {12, StoredType::Q4_K},
                                                  {13, StoredType::Q5_K},
                                                  {14, StoredType::Q6_K},
                                                  {15, StoredType::Q8_K},
                                                  {20, StoredType::IQ4_NL},
                                                  {23, StoredType::IQ4_XS},
                                                  {30, StoredType::BF16}}};

/// The format's names for its type numbers; empty where a number was never given or was taken back.
constexpr std::array<std::string_view, 42> kTypeNames{
    "F32",        "F16",        "Q4_0",       "Q4_1",  "Q4_2",     "Q4_3",     "Q5_0",     "Q5_1",    "Q8_0",
    "Q8_1",       "Q2_K",       "Q3_K",       "Q4_K",  "Q5_K",     "Q6_K",     "Q8_K",     "IQ2_XXS", "IQ2_XS",
    "IQ3_XXS",    "IQ1_S",      "IQ4_NL",     "IQ3_S", "IQ2_S",    "IQ4_XS",   "I8",       "I16",     "I32",
    "I64",        "F64",        "IQ1_M",      "BF16",  "Q4_0_4_4", "Q4_0_4_8", "Q4_0_8_8", "TQ1_0",   "TQ2_0",
    "IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8", "MXFP4", "NVFP4",    "Q1_0"};

StoredType toStoredType(std::uint32_t number, const std::string& tensor, const std::filesystem::path& file)
{
    const auto found = std::ranges::find(kReadable, number, &NumberedType::number);
    if (found != kReadable.end())
        return found->type;
    std::string readable;
    for (const NumberedType& entry : kReadable)
        readable += (readable.empty() ? "" : ", ") + std::string(name(entry.type));
    const std::string given = number < kTypeNames.size() ? std::string(kTypeNames[number]) : "an unknown type";
    throw Error::unsupported("the tensor's type is not supported")
        .file(file.string())
        .field(printable(tensor))
        .found(given + " (type " + std::to_string(number) + ")")
        .expected("one of " + readable)
        .hint("convert the model to one of these types");
}

/// The dimensions, slowest first: the reverse of the file's order.
std::vector<std::int64_t> readShape(GgufCursor& cursor, const std::string& tensor)
{
    const auto dims = cursor.number<std::uint32_t>("the dimensions of " + printable(tensor));
    if (dims > kMaxDims)
        throw cursor.failure("the tensor has too many dimensions")
            .field(printable(tensor))
            .found(std::to_string(dims))
            .expected("at most " + std::to_string(kMaxDims));
    std::vector<std::int64_t> shape(dims);
    for (auto dimension = shape.rbegin(); dimension != shape.rend(); ++dimension) {
        const auto value = cursor.number<std::uint64_t>("the dimensions of " + printable(tensor));
        if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
            throw cursor.failure("a dimension overflows").field(printable(tensor)).found(std::to_string(value));
        *dimension = static_cast<std::int64_t>(value);
    }
    return shape;
}

std::uint64_t bytesOf(const StoredTensor& tensor, const GgufCursor& cursor)
{
    const auto bytes = checkedBytes(tensor.type, tensor.shape);
    if (!bytes)
        throw cursor.failure("the shape overflows").field(printable(tensor.name)).found(shapeText(tensor.shape));
    const std::int64_t row = tensor.shape.empty() ? 1 : tensor.shape.back();
    const std::uint32_t block = layoutOf(tensor.type).blockValues;
    if (row % block != 0)
        throw cursor.failure("a row is no multiple of the block of its type")
            .field(printable(tensor.name))
            .found(std::to_string(row) + " values of " + std::string(name(tensor.type)))
            .expected("a multiple of " + std::to_string(block));
    return *bytes;
}

/// `value` rounded up to a multiple of `alignment`; nothing if that overflows.
std::optional<std::uint64_t> padded(std::uint64_t value, std::uint64_t alignment)
{
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(value, alignment - 1, &sum))
        return std::nullopt;
    return sum & ~(alignment - 1);
}

/// A tensor's entry in the table: its bytes are found once the table has ended.
struct Entry {
    StoredTensor tensor;
    std::uint64_t offset; ///< from the begin of the data
    std::uint64_t bytes;
};

Entry readEntry(GgufCursor& cursor, std::uint64_t index)
{
    Entry entry{};
    entry.tensor.name = cursor.string("the name of tensor " + std::to_string(index), kMaxNameBytes);
    entry.tensor.shape = readShape(cursor, entry.tensor.name);
    const std::string what = "the entry of " + printable(entry.tensor.name);
    entry.tensor.type = toStoredType(cursor.number<std::uint32_t>(what), entry.tensor.name, cursor.file());
    entry.offset = cursor.number<std::uint64_t>(what);
    entry.bytes = bytesOf(entry.tensor, cursor);
    return entry;
}

/// Walks through the data as the table says and gives every tensor its bytes.
class DataWalk {
public:
    DataWalk(std::span<const std::byte> data, std::uint64_t alignment, const std::filesystem::path& file)
        : m_data(data), m_alignment(alignment), m_file(file)
    {
    }

    void place(Entry& entry)
    {
        const std::string field = printable(entry.tensor.name);
        if (entry.offset != m_reached)
            throw Error::invalid("the tensor's offset is not where the one before it ends")
                .file(m_file.string())
                .field(field)
                .found(std::to_string(entry.offset))
                .expected(std::to_string(m_reached));
        const std::uint64_t left = m_reached <= m_data.size() ? m_data.size() - m_reached : 0;
        if (entry.bytes > left)
            throw Error::invalid("the tensor reaches beyond the end of the file, which may be truncated")
                .file(m_file.string())
                .field(field)
                .found(std::to_string(left) + " bytes")
                .expected(std::to_string(entry.bytes) + " bytes")
                .hint("download the file again");
        // Written so that an offset behind the data, which an empty tensor may have, is never formed.
        entry.tensor.bytes = entry.bytes == 0 ? m_data.first(0) : m_data.subspan(m_reached, entry.bytes);
        m_reached = *padded(m_reached + entry.bytes, m_alignment);
    }

    void finish() const
    {
        if (m_data.size() > m_reached)
            throw Error::invalid("there are bytes behind the last tensor")
                .file(m_file.string())
                .found(std::to_string(m_data.size() - m_reached) + " bytes")
                .expected("none");
    }

private:
    std::span<const std::byte> m_data;
    std::uint64_t m_alignment;
    const std::filesystem::path& m_file;
    std::uint64_t m_reached = 0;
};

} // namespace

std::vector<StoredTensor> readGgufTensors(GgufCursor& cursor, std::uint64_t count, std::uint64_t alignment,
                                          std::span<const std::byte> content)
{
    std::vector<Entry> entries;
    for (std::uint64_t i = 0; i < count; ++i)
        entries.push_back(readEntry(cursor, i));
    // A file without tensors may end before the padding in front of its empty data.
    const std::uint64_t begin = std::min<std::uint64_t>(*padded(cursor.position(), alignment), content.size());
    DataWalk walk(content.subspan(begin), alignment, cursor.file());
    std::vector<StoredTensor> tensors;
    for (Entry& entry : entries) {
        walk.place(entry);
        tensors.push_back(std::move(entry.tensor));
    }
    walk.finish();
    return tensors;
}

} // namespace eigenquant
