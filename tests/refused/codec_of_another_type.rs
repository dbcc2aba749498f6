use perennial::memo;

struct Text;

impl perennial::Codec<String> for Text {
    fn encode(&self, value: &String, output: &mut Vec<u8>) -> perennial::Result<()> {
        output.extend_from_slice(value.as_bytes());
        Ok(())
    }

    fn decode(&self, input: &[u8]) -> perennial::Result<String> {
        String::from_utf8(input.to_vec()).map_err(perennial::Error::other)
    }
}

#[memo(codec = Text)]
fn f() -> u8 {
    1
}

fn main() {
    let _ = f();
}
