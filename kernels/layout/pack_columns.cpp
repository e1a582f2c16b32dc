// SPDX-License-Identifier: GPL-3.0-or-later
#include "kernels/layout/pack_columns.h"

#include "kernels/layout/bit_packing.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace eigenquant::kernels {
namespace {

constexpr std::size_t kAlignment = 256;
constexpr std::size_t kColumnsAtOnce = kTileColumns;

void require(bool holds, const char* what)
{
    if (!holds)
        throw std::invalid_argument(std::string("packing columns: ") + what);
}

std::size_t aligned(std::size_t bytes)
{
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::uint64_t streamBits(ColumnCoding coding, int rows, int width)
{
    const auto count = static_cast<std::uint64_t>(rows), bits = static_cast<std::uint64_t>(width);
    return coding == ColumnCoding::Trellis ? kWindowBits + (count - 1) * bits : count * bits;
}

std::uint16_t elementOfHalf(std::uint16_t half, Element element)
{
    return element == Element::F16 ? half : toBf16(fromF16(half));
}

ColumnLayout layoutOf(const ColumnSource& source)
{
    ColumnLayout layout{source.rows, static_cast<int>(source.widths.size()), source.coding, {}};
    for (const std::uint8_t width : source.widths) {
        require(width >= 1 && width <= kMaxColumnWidth, "a width is not 1 to 8");
        ++layout.counts[width];
    }
    return layout;
}

void checkStreams(const ColumnSource& source)
{
    require(source.rows > 0 && !source.widths.empty(), "there are no weights");
    require(source.codeBits.size() == source.widths.size(), "as many streams as columns are needed");
    for (std::size_t j = 0; j < source.widths.size(); ++j)
        require(source.codeBits[j] + streamBits(source.coding, source.rows, source.widths[j]) <=
                    8 * source.codes.size(),
                "a column's stream ends beyond the codes");
}

void checkTables(const ColumnSource& source)
{
    if (source.coding == ColumnCoding::Trellis) {
        require(source.rowScales.size() == static_cast<std::size_t>(source.rows),
                "as many scales as rows are needed");
        require(source.outliers.empty(), "a trellis code has no outliers");
        for (const std::uint8_t width : source.widths)
            require(source.levels[width].size() == kLevels, "4096 levels are needed for each width in use");
        return;
    }
    require(source.codebookAt.size() == source.widths.size(), "as many codebooks as columns are needed");
    for (std::size_t j = 0; j < source.widths.size(); ++j)
        require(source.codebookAt[j] + (std::uint64_t{1} << source.widths[j]) <= source.codebooks.size(),
                "a column's codebook ends beyond the codebooks");
    for (const ColumnOutlier& outlier : source.outliers)
        require(outlier.row >= 0 && outlier.row < source.rows && outlier.column >= 0 &&
                    static_cast<std::size_t>(outlier.column) < source.widths.size(),
                "an outlier lies outside of the weight");
}

/// Columns by width; what fills up a block repeats the block's last column.
std::vector<std::int32_t> orderOf(const ColumnSource& source, const ColumnLayout& layout)
{
    std::vector<std::int32_t> order;
    order.reserve(static_cast<std::size_t>(layout.paddedColumns()));
    for (int width = 1; width <= kMaxColumnWidth; ++width) {
        for (std::size_t j = 0; j < source.widths.size(); ++j)
            if (source.widths[j] == width)
                order.push_back(static_cast<std::int32_t>(j));
        while (order.size() % kTileColumns != 0)
            order.push_back(order.back());
    }
    return order;
}

/// Bits [begin, begin + count) of a stream that ends at bit `end`, zero from there on; count is at most 56.
std::uint64_t bitsAt(std::span<const std::uint8_t> stream, std::uint64_t begin, int count, std::uint64_t end)
{
    if (begin >= end)
        return 0;
    std::uint64_t bits = 0;
    const std::size_t byte = begin / 8, bytes = std::min<std::size_t>(8, stream.size() - byte);
    std::memcpy(&bits, stream.data() + byte, bytes); // the lowest byte first, as this machine has it
    const std::uint64_t kept = std::min<std::uint64_t>(static_cast<std::uint64_t>(count), end - begin);
    return (bits >> (begin % 8)) & ((std::uint64_t{1} << kept) - 1);
}

void putWord(std::uint8_t* tile, int word, int lane, std::uint32_t value)
{
    std::memcpy(tile + (word * 32 + lane) * 4, &value, 4);
}

/// One plane of up to 4 bits of the lane's codes [column 4][row 8]; the inverse of nibblesOf().
void putNibbles(int width, const std::uint32_t (&codes)[4][8], int shift, std::uint32_t* words)
{
    for (int column = 0; column < 4; ++column)
        for (int row = 0; row < 8; ++row) {
            const std::uint32_t code = (codes[column][row] >> shift) & ((1u << width) - 1);
            if (width == 4 || (width == 3 && column < 3))
                words[column] |= code << (4 * row);
            else if (width == 3)
                for (int bit = 0; bit < 3; ++bit)
                    words[bit] |= ((code >> bit) & 1) << (4 * row + 3);
            else if (width == 2)
                words[column / 2] |= code << (4 * row + 2 * (column % 2));
            else
                words[0] |= code << (4 * row + column);
        }
}

/// Fills the sections of one packed linear, block after block.
class Packer {
public:
    Packer(const ColumnSource& source, PackedColumns& packed) : m_source(source), m_packed(packed) {}
    void packTables();
    void packCodes();
    void packOutliers();

private:
    const ColumnLayout& layout() const { return m_packed.layout; }
    /// The column of the source at a place of the order, or -1 for what fills up.
    std::int32_t columnAt(int block, int place) const;
    void packCodebook(int block, int place, std::uint8_t* table);
    void unpackBlock(int block);
    void packCodebookTile(int strip, int width, std::uint8_t* tile) const;
    void packTrellisTile(int strip, int block, std::uint8_t* tile) const;

    const ColumnSource& m_source;
    PackedColumns& m_packed;
    std::vector<std::uint8_t> m_codes; ///< of one block's columns, [16][64·strips]
};

std::int32_t Packer::columnAt(int block, int place) const
{
    const int width = layout().widthOf(block);
    const int index = (block - layout().firstBlock(width)) * kTileColumns + place;
    return index < layout().counts[static_cast<std::size_t>(width)]
               ? m_packed.order[static_cast<std::size_t>(block * kTileColumns + place)]
               : -1;
}

void Packer::packCodebook(int block, int place, std::uint8_t* table)
{
    const std::int32_t column = columnAt(block, place);
    if (column < 0)
        return;
    const int width = layout().widthOf(block);
    const std::uint64_t begin = m_source.codebookAt[static_cast<std::size_t>(column)];
    const std::size_t highBytes = width <= 3 ? 8 : 16;
    for (std::size_t code = 0; code < std::size_t{1} << width; ++code) {
        const std::uint16_t value = elementOfHalf(m_source.codebooks[begin + code], m_packed.element);
        const std::size_t low = width <= 4 ? code : 2 * code, high = width <= 4 ? highBytes + code : low + 1;
        table[low] = static_cast<std::uint8_t>(value);
        table[high] = static_cast<std::uint8_t>(value >> 8);
    }
}

void Packer::packTables()
{
    std::uint8_t* tables = m_packed.bytes.data() + m_packed.tables;
    if (layout().coding == ColumnCoding::Codebooks) {
        for (int block = 0; block < layout().blocks(); ++block)
            for (int place = 0; place < kTileColumns; ++place)
                packCodebook(block, place,
                             tables + layout().codebookOffset(block) +
                                 static_cast<std::size_t>(place * layout().tableBytes(layout().widthOf(block))));
        return;
    }
    for (int width = 1; width <= kMaxColumnWidth; ++width)
        if (layout().counts[static_cast<std::size_t>(width)] > 0)
            for (const float level : m_source.levels[static_cast<std::size_t>(width)]) {
                const std::uint16_t bits = toElement(level, m_packed.element);
                std::memcpy(tables, &bits, sizeof bits);
                tables += sizeof bits;
            }
    std::memcpy(m_packed.bytes.data() + m_packed.rowScales, m_source.rowScales.data(),
                m_source.rowScales.size_bytes());
}

void Packer::unpackBlock(int block)
{
    const auto rows = static_cast<std::size_t>(layout().strips()) * kTileRows;
    const int width = layout().widthOf(block);
    m_codes.assign(kColumnsAtOnce * rows, 0);
    for (int place = 0; place < kTileColumns; ++place) {
        const std::int32_t column = columnAt(block, place);
        if (column < 0)
            continue;
        const std::uint64_t begin = m_source.codeBits[static_cast<std::size_t>(column)];
        std::uint8_t* codes = m_codes.data() + static_cast<std::size_t>(place) * rows;
        layout::unpackRow(m_source.codes.data() + begin / 8, static_cast<std::size_t>(layout().rows), width,
                          codes);
    }
}

void Packer::packCodebookTile(int strip, int width, std::uint8_t* tile) const
{
    const auto rows = static_cast<std::size_t>(layout().strips()) * kTileRows;
    for (int lane = 0; lane < 32; ++lane) {
        std::uint32_t codes[4][8];
        for (int column = 0; column < 4; ++column)
            for (int row = 0; row < 8; ++row)
                codes[column][row] = m_codes[static_cast<std::size_t>(4 * (lane % 4) + column) * rows +
                                             static_cast<std::size_t>(strip * kTileRows + 8 * (lane / 4) + row)];
        std::uint32_t words[kMaxColumnWidth] = {};
        putNibbles(std::min(width, 4), codes, 0, words);
        if (width > 4)
            putNibbles(width - 4, codes, 4, words + 4);
        for (int word = 0; word < width; ++word)
            putWord(tile, word, lane, words[word]);
    }
}

void Packer::packTrellisTile(int strip, int block, std::uint8_t* tile) const
{
    const int width = layout().widthOf(block);
    for (int place = 0; place < kTileColumns; ++place) {
        const std::int32_t column = columnAt(block, place);
        if (column < 0)
            continue;
        const std::uint64_t begin = m_source.codeBits[static_cast<std::size_t>(column)];
        const std::uint64_t end = begin + streamBits(ColumnCoding::Trellis, layout().rows, width);
        const std::uint64_t first =
            begin + static_cast<std::uint64_t>(strip * kTileRows) * static_cast<std::uint64_t>(width);
        for (int byte = 0; byte < 8 * width;
             ++byte) { // `width` bytes for each of the 8 lanes that share the column
            const auto bits = bitsAt(m_source.codes, first + static_cast<std::uint64_t>(8 * byte), 8, end);
            const int lane = 4 * (byte / width) + place / 4, at = byte % width + width * (place % 4);
            tile[(at / 4 * 32 + lane) * 4 + at % 4] = static_cast<std::uint8_t>(bits);
        }
        const auto tail = static_cast<std::uint16_t>(
            bitsAt(m_source.codes, first + static_cast<std::uint64_t>(kTileRows * width), 16, end));
        std::memcpy(tile + kTileRows * kTileColumns / 8 * width + 2 * place, &tail, 2);
    }
}

void Packer::packCodes()
{
    for (int block = 0; block < layout().blocks(); ++block) {
        if (layout().coding == ColumnCoding::Codebooks)
            unpackBlock(block);
        for (int strip = 0; strip < layout().strips(); ++strip) {
            std::uint8_t* tile = m_packed.bytes.data() + layout().tileOffset(strip, block);
            if (layout().coding == ColumnCoding::Codebooks)
                packCodebookTile(strip, layout().widthOf(block), tile);
            else
                packTrellisTile(strip, block, tile);
        }
    }
}

/// Needs codes and tables: an outlier is stored as the change of the bits that they give.
void Packer::packOutliers()
{
    struct Entry {
        std::size_t tile;
        std::uint32_t entry;
        bool operator<(const Entry& other) const
        {
            return tile != other.tile ? tile < other.tile : entry < other.entry;
        }
    };
    std::vector<std::int32_t> places(m_source.widths.size());
    for (std::size_t i = m_packed.order.size();
         i-- > 0;) // backwards: a filler repeats a column that came before it
        places[static_cast<std::size_t>(m_packed.order[i])] = static_cast<std::int32_t>(i);
    const ColumnWeights weights = m_packed.weights(m_packed.bytes.data());
    const auto blocks = static_cast<std::size_t>(layout().blocks());
    std::vector<Entry> entries;
    for (const ColumnOutlier& outlier : m_source.outliers) {
        const int place = places[static_cast<std::size_t>(outlier.column)];
        const std::uint32_t change =
            columnWeightBits(weights, outlier.row, place) ^ elementOfHalf(outlier.value, m_packed.element);
        const auto at = static_cast<std::uint32_t>(tilePlace(outlier.row % kTileRows, place % kTileColumns));
        if (change != 0)
            entries.push_back({static_cast<std::size_t>(outlier.row / kTileRows) * blocks +
                                   static_cast<std::size_t>(place / kTileColumns),
                               at << 16 | change});
    }
    if (entries.empty())
        return;
    std::sort(entries.begin(), entries.end());
    std::vector<std::uint32_t> begins(static_cast<std::size_t>(layout().strips()) * blocks + 1), list;
    for (const Entry& entry : entries) {
        ++begins[entry.tile + 1];
        list.push_back(entry.entry);
    }
    for (std::size_t i = 1; i < begins.size(); ++i)
        begins[i] += begins[i - 1];
    m_packed.outlierCount = list.size();
    m_packed.outlierBegins = aligned(m_packed.bytes.size());
    m_packed.outliers = aligned(m_packed.outlierBegins + 4 * begins.size());
    m_packed.bytes.resize(aligned(m_packed.outliers + 4 * list.size()));
    std::memcpy(m_packed.bytes.data() + m_packed.outlierBegins, begins.data(), 4 * begins.size());
    std::memcpy(m_packed.bytes.data() + m_packed.outliers, list.data(), 4 * list.size());
}

} // namespace

ColumnStarts codebookStarts(int rows, std::span<const std::uint8_t> widths)
{
    ColumnStarts starts{std::vector<std::uint64_t>(widths.size()), std::vector<std::uint64_t>(widths.size())};
    std::uint64_t bits = 0, values = 0;
    for (int width = 1; width <= kMaxColumnWidth; ++width)
        for (std::size_t j = 0; j < widths.size(); ++j)
            if (widths[j] == width) {
                starts.codeBits[j] = bits;
                starts.codebookAt[j] = values;
                bits += 8 * layout::packedRowBytes(static_cast<std::size_t>(rows), width);
                values += std::uint64_t{1} << width;
            }
    return starts;
}

std::vector<std::uint64_t> trellisStarts(int rows, std::span<const std::uint8_t> widths)
{
    std::vector<std::uint64_t> starts;
    std::uint64_t bits = 0;
    for (const std::uint8_t width : widths) {
        starts.push_back(bits);
        bits += streamBits(ColumnCoding::Trellis, rows, width);
    }
    return starts;
}

ColumnWeights PackedColumns::weights(const void* base) const
{
    const auto* begin = static_cast<const std::uint8_t*>(base);
    const auto words = [&](std::size_t at) { return reinterpret_cast<const std::uint32_t*>(begin + at); };
    ColumnWeights weights{layout, element, begin, begin + tables, nullptr, nullptr, nullptr};
    if (layout.coding == ColumnCoding::Trellis)
        weights.rowScales = reinterpret_cast<const float*>(begin + rowScales);
    if (outlierCount > 0) {
        weights.outlierBegins = words(outlierBegins);
        weights.outliers = words(outliers);
    }
    return weights;
}

PackedColumns packColumns(const ColumnSource& source, Element element)
{
    checkStreams(source);
    PackedColumns packed;
    packed.layout = layoutOf(source);
    checkTables(source);
    if (source.coding == ColumnCoding::Codebooks)
        require(std::all_of(source.codeBits.begin(), source.codeBits.end(), [](auto bit) { return bit % 8 == 0; }),
                "a column's codes begin within a byte");
    packed.element = element;
    packed.order = orderOf(source, packed.layout);
    packed.tables = aligned(packed.layout.codeBytes());
    packed.rowScales = aligned(packed.tables + packed.layout.tablesBytes());
    const bool trellis = source.coding == ColumnCoding::Trellis;
    packed.bytes.resize(aligned(packed.rowScales + (trellis ? 4ul * kTileRows : 0ul) *
                                                       static_cast<std::size_t>(packed.layout.strips())));
    Packer packer(source, packed);
    packer.packTables();
    packer.packCodes();
    packer.packOutliers();
    return packed;
}

} // namespace eigenquant::kernels
