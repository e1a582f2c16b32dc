// SPDX-License-Identifier: GPL-3.0-or-later
// The studio in another language, its help, and what it says about itself.
#include "tests/ui/ui_test.h"
#include "ui/models/latency_table.h"
#include "ui/pages/page_registry.h"
#include "ui/shell/about_dialog.h"
#include "ui/shell/help_window.h"
#include "ui/shell/language.h"
#include "ui/shell/main_window.h"

#include <QListWidget>
#include <QMenuBar>
#include <QPlainTextEdit>
#include <QSettings>
#include <QTemporaryDir>
#include <QTextBrowser>

using namespace eigenquant;

class LanguageTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_settings;

private slots:
    void init() { QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_settings.path()); }
    void cleanup() { installLanguage("en"); }

    void aWindowSpeaksGerman()
    {
        installLanguage("de");
        QCOMPARE(currentLanguage(), "de");
        const MainWindow window;
        QCOMPARE(window.menuBar()->actions().front()->text(), "&Datei");
        QStringList pages;
        const auto* navigation = window.findChild<QListWidget*>();
        for (int row = 0; row < navigation->count(); ++row)
            pages << navigation->item(row)->text();
        QVERIFY2(pages.contains("Übersicht"), qPrintable(pages.join(", "))); // translated in a free function
        QVERIFY(pages.contains("Lektion"));
        LatencyTable table;
        QCOMPARE(table.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(),
                 "ms je Schritt"); // and in a lambda
    }

    void otherLanguagesAndNonsenseStayEnglish()
    {
        for (const char* language : {"en", "xx", "fr", "../../etc"}) {
            installLanguage(language);
            QCOMPARE(currentLanguage(), "en");
            QCOMPARE(MainWindow::tr("&File"), "&File");
        }
    }

    void theChoiceIsRemembered()
    {
        AppSettings().setLanguage("de");
        QCOMPARE(AppSettings().language(), "de");
        AppSettings().setLanguage("klingon");
        QCOMPARE(AppSettings().language(), QString());
    }

    void helpIsThereInBothLanguages()
    {
        installLanguage("en");
        const HelpWindow english;
        const QString text = english.findChild<QTextBrowser*>()->toPlainText();
        QVERIFY(text.contains("First steps") && text.contains("Effective bits"));
        installLanguage("de");
        const HelpWindow german;
        auto* browser = german.findChild<QTextBrowser*>();
        QVERIFY(browser->toPlainText().contains("Erste Schritte"));
        QVERIFY(!browser->toHtml().contains("href=\"http")); // it opens offline
    }

    void theLicencesAreThere()
    {
        const AboutDialog about;
        const QString parts = about.findChild<QTextBrowser*>()->toPlainText();
        for (const char* part : {"QCustomPlot", "libtorch", "Eigen", "PCRE2", "CLI11", "SmolLM2"})
            QVERIFY2(parts.contains(part), part);
        QVERIFY(about.findChild<QPlainTextEdit*>()->toPlainText().contains("GNU GENERAL PUBLIC LICENSE"));
    }
};

EIGENQUANT_UI_TEST(tst_language, LanguageTest)
#include "tst_language.moc"
