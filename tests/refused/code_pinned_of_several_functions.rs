use perennial::memo;

fn main() {
    {
        #[memo(code = pinned("v1"))]
        fn go() -> u8 {
            1
        }
        go();
    }
    fn go() -> u8 {
        2
    }
    go();
}
