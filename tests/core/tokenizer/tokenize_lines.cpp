// SPDX-License-Identifier: GPL-3.0-or-later
// tokenize_lines TOKENIZER < texts.jsonl > ids.jsonl
//
// TOKENIZER is a tokenizer.json, a tokenizer.model or a .gguf. Each line of the input is a JSON string (a text),
// each line of the output an object with its ids and what they decode to. With a second argument, the whole of
// that text file is one text, and the time and memory that its ids took go to standard error.

#include "core/base/error.h"
#include "core/io/gguf.h"
#include "core/io/text_file.h"
#include "core/tokenizer/tokenizer.h"

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <iostream>

namespace {

using namespace eigenquant;
using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The most memory that the process has held.
long peakMiB()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

std::shared_ptr<const Tokenizer> load(const std::filesystem::path& file)
{
    if (file.extension() == ".model")
        return loadTokenizerModel(file);
    if (file.extension() != ".gguf")
        return loadTokenizerJson(file);
    const auto gguf = GgufStore::open(file);
    const auto start = Clock::now();
    auto tokenizer = loadTokenizerGguf(*gguf);
    std::fprintf(stderr, "constructed in %.1f ms\n", millisecondsSince(start));
    return tokenizer;
}

void printResult(const Tokenizer& tokenizer, const std::vector<std::int32_t>& ids)
{
    std::cout << nlohmann::json{{"ids", ids}, {"text", tokenizer.decode(ids)}}.dump() << '\n';
}

void run(int argc, char** argv)
{
    const auto start = Clock::now();
    const auto tokenizer = load(argv[1]);
    std::fprintf(stderr, "loaded in %.1f ms\n", millisecondsSince(start));
    if (argc > 2) {
        const std::string text = readText(argv[2]);
        const auto encodingStart = Clock::now();
        const auto ids = tokenizer->encode(text);
        std::fprintf(stderr, "%zu ids in %.1f ms, at most %ld MiB\n", ids.size(), millisecondsSince(encodingStart),
                     peakMiB());
        return printResult(*tokenizer, ids);
    }
    for (std::string line; std::getline(std::cin, line);)
        printResult(*tokenizer, tokenizer->encode(nlohmann::json::parse(line).get<std::string>()));
}

} // namespace

int main(int argc, char** argv)
{
    try {
        if (argc < 2)
            throw Error::usage("tokenize_lines TOKENIZER [TEXT_FILE]");
        run(argc, argv);
        return 0;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return static_cast<int>(error.code());
    }
}
