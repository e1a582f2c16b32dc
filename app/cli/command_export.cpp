// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/text_format.h"

#include <memory>

namespace eigenquant::cli {

namespace {

struct ExportCommand {
    std::string checkpoint, out;
    std::string format = "hf";
};

Json toJson(const ExportResult& result)
{
    return {
        {"out", result.directory}, {"files", result.files}, {"loads_in", result.loadsIn}, {"bytes", result.bytes}};
}

std::string toText(const ExportResult& result)
{
    Table table({{}, {}});
    for (std::size_t i = 0; i < result.files.size(); ++i)
        table.add({i == 0 ? "files" : "", result.files[i]});
    return table.add({"size", byteSize(result.bytes)})
        .add({"loads in", joined(result.loadsIn)})
        .add({"written to", result.directory})
        .text();
}

int run(const ExportCommand& command, Console& console)
{
    ExportOptions options;
    options.format = command.format;
    options.out = command.out;
    options.overwrite = console.options().force;
    options.maxRamBytes = console.options().compute.maxRamBytes;
    if (const std::string& dtype = console.options().compute.dtype; dtype != "auto")
        options.dtype = dtype;
    const ExportResult result = exportCheckpoint(command.checkpoint, options, console.context());
    console.print(toJson(result), toText(result));
    return 0;
}

} // namespace

void addExport(CLI::App& app, Action& action)
{
    auto command = std::make_shared<ExportCommand>();
    CLI::App* verb =
        addVerb(app, "export", "a checkpoint that other programs load; --dtype is what it is stored in",
                "eigenquant export demo-4bit --format hf --out demo-hf");
    verb->add_option("DIR", command->checkpoint, "what eigenquant quantize wrote")->required();
    verb->add_option("--format", command->format, "hf: dequantized, for transformers and vLLM (hf)")
        ->type_name("FORMAT");
    verb->add_option("--out", command->out, "the folder to write")->required()->type_name("OUT");
    verb->callback(
        [command, &action] { action = [command](Console& console) { return run(*command, console); }; });
}

} // namespace eigenquant::cli
