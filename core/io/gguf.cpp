// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/gguf.h"

#include "core/base/error.h"
#include "core/io/gguf_content.h"
#include "core/io/mapped_file.h"
#include "core/io/printable.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

namespace eigenquant {

namespace {

/// What a value is, in the order of GgufValue's alternatives.
constexpr std::array<const char*, std::variant_size_v<GgufValue>> kKinds{
    "a truth value",        "an integer",       "a real number",        "a string",
    "truth values (array)", "integers (array)", "real numbers (array)", "strings (array)"};

const GgufValue* lookUp(const GgufStore& store, std::string_view key)
{
    const auto found = store.metadata().find(key);
    return found == store.metadata().end() ? nullptr : &found->second;
}

Error wrongKind(const GgufStore& store, std::string_view key, const GgufValue& value, const char* expected)
{
    return Error::invalid("the metadata is of the wrong kind")
        .file(store.files().front().string())
        .field(printable(key))
        .found(kKinds[value.index()])
        .expected(expected);
}

/// The value as a T, null if the key is not there; a value of another kind is refused.
template <class T>
const T* valueIf(const GgufStore& store, std::string_view key)
{
    const GgufValue* value = lookUp(store, key);
    if (!value)
        return nullptr;
    if (const T* held = std::get_if<T>(value))
        return held;
    throw wrongKind(store, key, *value, kKinds[GgufValue(T()).index()]);
}

template <class T>
const T& valueOf(const GgufStore& store, std::string_view key)
{
    if (const T* held = valueIf<T>(store, key))
        return *held;
    throw Error::invalid("the metadata is missing")
        .file(store.files().front().string())
        .field(printable(key))
        .hint("the file was not made by a complete converter");
}

template <class T>
std::optional<T> toOptional(const T* value)
{
    return value ? std::optional<T>(*value) : std::nullopt;
}

void checkPart(const GgufSplit& split, const GgufSplit& part, const std::filesystem::path& file)
{
    if (part.count != split.count || part.number != split.number)
        throw Error::invalid("the file is another part than its name says, or of another model")
            .file(file.string())
            .field("split.no, split.count")
            .found(std::to_string(part.number) + ", " + std::to_string(part.count))
            .expected(std::to_string(split.number) + ", " + std::to_string(split.count));
    if (part.tensors && split.tensors && *part.tensors != *split.tensors)
        throw Error::invalid("the parts do not agree on how many tensors the model has")
            .file(file.string())
            .field("split.tensors.count")
            .found(std::to_string(*part.tensors))
            .expected(std::to_string(*split.tensors));
}

} // namespace

std::shared_ptr<const GgufStore> GgufStore::open(const std::filesystem::path& file)
{
    const std::shared_ptr<GgufStore> store(new GgufStore);
    store->m_mappings.push_back(MappedFile::open(file));
    GgufContent content = parseGguf(store->m_mappings.front()->bytes(), file);
    if (content.split)
        content = store->openParts(*content.split, file);
    else
        store->setTensors(std::move(content.tensors), {file});
    store->m_metadata = std::move(content.metadata);
    return store;
}

GgufContent GgufStore::openParts(GgufSplit split, const std::filesystem::path& file)
{
    std::vector<std::filesystem::path> files = ggufParts(split, file);
    m_mappings.clear();
    GgufContent whole;
    for (std::size_t i = 0; i < files.size(); ++i) {
        m_mappings.push_back(MappedFile::open(files[i]));
        GgufContent part = parseGguf(m_mappings.back()->bytes(), files[i], i);
        split.number = static_cast<std::int64_t>(i);
        checkPart(split, part.split.value_or(GgufSplit{}), files[i]);
        std::ranges::move(part.tensors, std::back_inserter(whole.tensors));
        if (i == 0)
            whole.metadata = std::move(part.metadata);
    }
    if (split.tensors && *split.tensors != static_cast<std::int64_t>(whole.tensors.size()))
        throw Error::invalid("the parts do not hold as many tensors as they say")
            .file(files.front().string())
            .field("split.tensors.count")
            .found(std::to_string(whole.tensors.size()))
            .expected(std::to_string(*split.tensors));
    setTensors(std::move(whole.tensors), std::move(files));
    return whole;
}

std::int64_t GgufStore::integer(std::string_view key) const
{
    return valueOf<std::int64_t>(*this, key);
}

std::optional<std::int64_t> GgufStore::integerIf(std::string_view key) const
{
    return toOptional(valueIf<std::int64_t>(*this, key));
}

std::optional<double> GgufStore::realIf(std::string_view key) const
{
    const GgufValue* value = lookUp(*this, key);
    if (value && std::holds_alternative<std::int64_t>(*value))
        return static_cast<double>(std::get<std::int64_t>(*value));
    const double* real = valueIf<double>(*this, key);
    if (real && !std::isfinite(*real))
        throw Error::invalid("the metadata is not a finite number")
            .file(files().front().string())
            .field(printable(key));
    return toOptional(real);
}

std::string GgufStore::text(std::string_view key) const
{
    return valueOf<std::string>(*this, key);
}

std::optional<std::string> GgufStore::textIf(std::string_view key) const
{
    return toOptional(valueIf<std::string>(*this, key));
}

std::optional<bool> GgufStore::flagIf(std::string_view key) const
{
    return toOptional(valueIf<bool>(*this, key));
}

const std::vector<std::string>& GgufStore::texts(std::string_view key) const
{
    return valueOf<std::vector<std::string>>(*this, key);
}

const std::vector<std::int64_t>* GgufStore::integersIf(std::string_view key) const
{
    return valueIf<std::vector<std::int64_t>>(*this, key);
}

const std::vector<double>* GgufStore::realsIf(std::string_view key) const
{
    return valueIf<std::vector<double>>(*this, key);
}

} // namespace eigenquant
