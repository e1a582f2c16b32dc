// SPDX-License-Identifier: GPL-3.0-or-later
// A disk without room: whatever is written says what to do, leaves nothing half-written, and loses nothing that was
// there. A limit on the size of files stands for the full disk; no test can count on a disk of its own.
#include "core/base/error.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"
#include "tests/ui/files.h"
#include "tests/ui/patience.h"
#include "tests/ui/ui_test.h"
#include "ui/plots/spectrum_plot.h"
#include "ui/shell/main_window.h"
#include "ui/teaching/lesson_view.h"
#include "ui/teaching/slide_export.h"

#include <QDir>
#include <QFile>
#include <QSettings>
#include <QSignalSpy>

#include <csignal>
#include <sys/resource.h>

using namespace eigenquant;
using test::contentOf;
using test::fromPath;

namespace {

/// As long as it lives, no file of this process grows beyond 2 KiB.
class FullDisk {
public:
    FullDisk()
    {
        m_signal = std::signal(SIGXFSZ, SIG_IGN); // the writer is told by an error then, as by a full disk
        getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit small{2048, m_before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
    }
    ~FullDisk()
    {
        setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_signal);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    rlimit m_before{};
    void (*m_signal)(int) = SIG_DFL;
};

} // namespace

class FullDiskTest : public QObject {
    Q_OBJECT

    test::TemporaryFolder m_folder, m_settings;
    std::unique_ptr<MainWindow> m_window;
    QStringList m_failures;

    QString at(const char* name) const { return fromPath(m_folder / name); }
    Workspace& workspace() { return m_window->workspace(); }
    /// What is in the folder, hidden things too.
    QStringList files() const
    {
        return QDir(fromPath(m_folder.path()))
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name);
    }
    AnalyzeOptions analysis() const
    {
        AnalyzeOptions options;
        options.text = {.file = m_folder / "text.txt", .context = 64, .windows = 8};
        options.out = m_folder / "tiny.stats";
        return options;
    }
    QuantizeOptions quantization() const
    {
        QuantizeOptions options;
        options.out = m_folder / "packed";
        options.overwrite = true;
        return options;
    }
    ExportOptions hfExport() const
    {
        ExportOptions options;
        options.out = m_folder / "exported";
        options.overwrite = true;
        return options;
    }
    /// Waits for the one failure, and whether it says what to do.
    void isSaid()
    {
        AWAIT_VERIFY(!m_failures.isEmpty());
        QCOMPARE(m_failures.size(), 1);
        QVERIFY2(m_failures.front().contains("disk"), qPrintable(m_failures.front()));
        QVERIFY2(m_failures.front().contains("choose another"), qPrintable(m_failures.front()));
        m_failures.clear();
    }
    template <typename Write>
    void isRefused(const Write& write, const QString& file)
    {
        const QByteArray before = contentOf(file);
        const QStringList there = files();
        QVERIFY(!before.isEmpty());
        {
            const FullDisk full;
            try {
                write();
                QFAIL(qPrintable(file + " was written"));
            } catch (const Error& error) {
                QCOMPARE(error.code(), ErrorCode::Resources);
                QVERIFY2(QString::fromStdString(error.hint()).contains("disk"), error.what());
            }
        }
        QCOMPARE(contentOf(file), before);
        QCOMPARE(files(), there);
    }

private slots:
    void initTestCase()
    {
        QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, fromPath(m_settings.path()));
        const auto model = test::writeTinyModel(m_folder / "tiny");
        const auto text = m_folder.write("text.txt", test::tinyText(20000));
        m_window = std::make_unique<MainWindow>();
        disconnect(&m_window->tasks(), &StudioTasks::failed, nullptr,
                   nullptr); // no dialog, which waits for a person
        connect(&m_window->tasks(), &StudioTasks::failed, this,
                [this](const QString&, const QString& message) { m_failures << message; });
        m_window->tasks().openPath(fromPath(model));
        m_window->tasks().openPath(fromPath(text));
        AWAIT_VERIFY(workspace().session());
        AWAIT_VERIFY(!workspace().jobs().isBusy());
    }
    void cleanupTestCase() { m_window.reset(); }

    void analysis_()
    {
        const QStringList before = files();
        {
            const FullDisk full;
            m_window->tasks().analyze(analysis());
            isSaid();
        }
        QCOMPARE(files(), before);
        QVERIFY(workspace().session() && !workspace().statistics());
        m_window->tasks().analyze(analysis());
        AWAIT_VERIFY(workspace().statistics());
        QCOMPARE(m_failures, QStringList());
    }

    void quantization_()
    {
        PlanOptions options = PlanOptions::of(Method::Rtn);
        options.groupSize = 32;
        workspace().plan().applyOptions(options, {});
        m_window->tasks().quantize(quantization());
        AWAIT_VERIFY(workspace().results().quantized);
        const QStringList before = files();
        const QStringList inside = QDir(at("packed")).entryList(QDir::Files, QDir::Name);
        const std::string made = workspace().results().quantized->directory;
        {
            const FullDisk full;
            m_window->tasks().quantize(quantization());
            isSaid();
        }
        QCOMPARE(files(), before); // the older one is still there, and whole
        QCOMPARE(QDir(at("packed")).entryList(QDir::Files, QDir::Name), inside);
        QCOMPARE(workspace().results().quantized->directory, made);
        QVERIFY(ModelSession::open(at("packed").toStdString()));
    }

    void export_()
    {
        m_window->tasks().exportQuantized(hfExport());
        AWAIT_VERIFY(workspace().results().exported);
        const QStringList before = files();
        {
            const FullDisk full;
            m_window->tasks().exportQuantized(hfExport());
            isSaid();
        }
        QCOMPARE(files(), before);
        QVERIFY(ModelSession::open(at("exported").toStdString()));
    }

    void planAndProject()
    {
        QVERIFY(m_window->tasks().savePlanFile(at("plan.json")));
        m_window->project().save(at("p.eigenquant"));
        workspace().plan().setBits({0}, 7);
        QVERIFY(m_window->isWindowModified());
        isRefused([&] { m_window->project().save(at("p.eigenquant")); }, at("p.eigenquant"));
        const QByteArray before = contentOf(at("plan.json"));
        {
            const FullDisk full;
            QVERIFY(!m_window->tasks().savePlanFile(at("plan.json")));
            isSaid();
            m_window->project().writeRecovery(); // in silence: it must not disturb the work
        }
        QCOMPARE(contentOf(at("plan.json")), before);
        QVERIFY(m_window->isWindowModified()); // what could not be saved still counts as unsaved
        m_window->project().save(at("p.eigenquant"));
        QVERIFY(!m_window->isWindowModified());
    }

    void plotsAndSlides()
    {
        SpectrumPlot plot;
        plot.setSpectra({makeSpectrumData(workspace().statistics()->sites[0], nullptr, 0)});
        plot.resize(600, 400);
        plot.drawNow();
        for (const char* name : {"plot.csv", "plot.png", "plot.svg", "plot.pdf"}) {
            plot.exportTo(at(name));
            isRefused([&] { plot.exportTo(at(name)); }, at(name));
        }
        m_window->showPage("teaching");
        const auto* lesson = m_window->findChild<LessonView*>();
        const auto write = [&] { exportSlides({&lesson->slide(0)}, at("slide.pdf"), m_window->palette()); };
        write();
        isRefused(write, at("slide.pdf"));
    }
};

EIGENQUANT_UI_TEST(tst_full_disk, FullDiskTest)
#include "tst_full_disk.moc"
