//! The code blocks of the documentation, exactly as readers copy them.

use std::fs;
use std::path::PathBuf;

/// The README in its two languages.
pub const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

/// A fenced block of a Markdown document.
#[derive(Debug)]
pub struct Block {
    /// The info string of the opening fence.
    pub language: String,
    pub text: String,
}

/// Returns the path of a file in the repository.
pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Reads a file of the repository.
pub fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Returns all fenced blocks of a document.
pub fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in read(document).lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => open = Some(Block { language: language.to_owned(), text: String::new() }),
            (None, Some(block)) => block.text.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{document}: the last block is not closed");
    blocks
}

/// Returns the only block in that language that contains this.
pub fn block(document: &str, language: &str, containing: &str) -> String {
    let mut found = blocks(document)
        .into_iter()
        .filter(|block| block.language == language && block.text.contains(containing))
        .map(|block| block.text);
    let text = found.next().unwrap_or_else(|| panic!("{document} has no {language} block with {containing}"));
    assert!(found.next().is_none(), "{document} has two {language} blocks with {containing}");
    text
}

/// Replaces texts in a sample. Each must occur, so that a test fails if the sample changes.
pub fn with(sample: &str, replacements: &[(&str, &str)]) -> String {
    replacements.iter().fold(sample.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the sample no longer says {from}:\n{sample}");
        text.replace(from, to)
    })
}

/// Removes the comments of a block, which differ between the languages of the READMEs.
pub fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_once("# ").map_or(line, |(code, _)| code).trim_end());
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
