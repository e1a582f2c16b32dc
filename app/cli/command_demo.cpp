// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/demo_report.h"
#include "app/cli/text_format.h"
#include "core/session/files.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace eigenquant::cli {

namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultFolder = "eigenquant-demo";
constexpr int kCalibrationContext = 2048;
// Enough for the figures to mean something, and few enough for the whole demo to stay under three minutes on two cores:
// 8,192 tokens of calibration are five for each channel of the widest site.
constexpr int kCalibrationWindows = 4;
constexpr int kCheckContext = 1024;
constexpr int kCheckWindows = 5;
constexpr int kBits = 4;
constexpr int kGroupSize = 64;

/// The default name, or the first of NAME-2, NAME-3, … that is free: a second demo destroys nothing.
std::string freeFolder()
{
    std::string folder = kDefaultFolder;
    for (int i = 2; fs::symlink_status(folder).type() != fs::file_type::not_found; ++i)
        folder = std::string(kDefaultFolder) + "-" + std::to_string(i);
    return folder;
}

PlanOptions demoPlan(Method method, std::uint64_t seed)
{
    PlanOptions options = PlanOptions::of(method);
    options.bits = kBits;
    options.groupSize = kGroupSize;
    options.seed = seed;
    return options;
}

/// The main job, step by step, into a folder that is not yet in its place.
class Demo {
public:
    Demo(Console& console, fs::path folder, DemoAssets assets)
        : m_console(console), m_folder(std::move(folder)), m_assets(std::move(assets))
    {
    }

    DemoResult run()
    {
        step("reading the model");
        m_session = ModelSession::open(m_assets.model.string(), m_console.options().compute);
        m_result.model = m_session->info();
        m_result.checkText = m_assets.checkText.filename().string();
        step("analysing the calibration text");
        analyze();
        step("checking the model as it is");
        m_result.variants.push_back({"float", std::nullopt, std::nullopt, check(*m_session)});
        addVariant("rtn 4", Method::Rtn, "rtn-checkpoint", "plan-rtn.json");
        fs::remove_all(m_folder / "rtn-checkpoint"); // only there to be compared with
        addVariant("rosaq 4", Method::Rosaq, "checkpoint", "plan-rosaq.json");
        step("exporting");
        ExportOptions options;
        options.out = m_folder / "hf-export";
        m_result.exported = exportCheckpoint(m_folder / "checkpoint", options, m_console.context());
        return std::move(m_result);
    }

private:
    void step(const std::string& what)
    {
        m_console.context().checkpoint();
        m_console.note(what);
    }

    void analyze()
    {
        AnalyzeOptions options;
        options.text = {.file = m_assets.calibrationText, .context = kCalibrationContext,
                        .windows = kCalibrationWindows};
        options.out = statsFile();
        m_result.statistics = m_session->analyze(options, m_console.context());
    }

    void addVariant(const std::string& name, Method method, const char* checkpoint, const char* planFile)
    {
        step("quantizing: " + name);
        DemoVariant variant{.name = name};
        variant.plan = makePlan(*m_result.statistics, demoPlan(method, m_console.options().seed));
        savePlan(*variant.plan, m_folder / planFile, false);
        QuantizeOptions options;
        options.out = m_folder / checkpoint;
        variant.outcome = m_session->quantize(statsFile(), *variant.plan, options, m_console.context());
        step("checking: " + name);
        variant.check = check(*ModelSession::open(options.out.string(), m_console.options().compute));
        m_result.variants.push_back(std::move(variant));
    }

    PerplexityResult check(ModelSession& session)
    {
        return session.perplexity({.file = m_assets.checkText, .context = kCheckContext, .windows = kCheckWindows},
                                  m_console.context());
    }

    fs::path statsFile() const { return m_folder / "demo.stats"; }

    Console& m_console;
    const fs::path m_folder;
    const DemoAssets m_assets;
    std::shared_ptr<ModelSession> m_session;
    DemoResult m_result;
};

std::string toText(const DemoResult& result, const std::string& folder)
{
    std::string text = result.model.name + "\n\n" + demoTable(demoRows(result)) + "\n";
    for (const std::string& remark : demoRemarks(result))
        text += remark + "\n";
    return text + "\n" +
           Table({{}, {}})
               .add({"time", duration(result.seconds)})
               .add({"export loads in", joined(result.exported.loadsIn)})
               .add({"report", (fs::path(folder) / "report.html").string()})
               .add({"folder", folder})
               .text();
}

int run(const std::optional<std::string>& out, Console& console)
{
    const auto start = std::chrono::steady_clock::now();
    const DemoAssets assets = demoAssets();
    const bool force = console.options().force;
    const std::string folder = out ? *out : force ? kDefaultFolder : freeFolder();
    AtomicOutput output(folder, AtomicOutput::Kind::Folder, force,
                        {assets.model, assets.calibrationText, assets.checkText});
    DemoResult result = Demo(console, output.path(), assets).run();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    writeDemoReport(result, output.path(), folder);
    console.context().checkpoint();
    output.commit();
    console.print(demoJson(result, folder), toText(result, folder));
    return 0;
}

} // namespace

void addDemo(CLI::App& app, Action& action)
{
    auto out = std::make_shared<std::optional<std::string>>();
    CLI::App* verb =
        addVerb(app, "demo", "the main job on the embedded model: analyse, plan, quantize, check, export, report",
                "eigenquant demo --out my-first-report");
    verb->add_option("--out", *out, "the folder of the report (eigenquant-demo, or eigenquant-demo-2, …)")
        ->type_name("DIR");
    verb->callback([out, &action] { action = [out](Console& console) { return run(*out, console); }; });
}

} // namespace eigenquant::cli
